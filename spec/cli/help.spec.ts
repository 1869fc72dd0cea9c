/** Each command has a page of its own, in one style, whose examples the parser takes. */
import { expect } from 'chai';
import { parseCommandLine } from '../../lib/cli/args.js';
import { UsageError } from '../../lib/cli/usage-error.js';
import { splitShellLine } from '../support/shell-line.js';

const textOf = (args: readonly string[], columns?: number): string => {
  const parsed = parseCommandLine(args, columns);
  if (parsed.command !== 'print') expect.fail(`${args.join(' ')} is ${parsed.command}`);
  return parsed.text;
};

/** The commands that a page lists. */
const listedIn = (page: string): readonly string[] => {
  const [, list = ''] = /\nCommands:\n([^]*?)(?:\n\n|$)/.exec(page) ?? [];
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
  return names.filter(name => name !== 'help');
};

/** All commands below `path`, and those that group them. */
const allCommands = (path: readonly string[] = []): readonly (readonly string[])[] =>
  listedIn(textOf([...path, '--help'], 200)).flatMap(name => [
    [...path, name],
    ...allCommands([...path, name]),
  ]);

describe('help', () => {
  const commands = allCommands();
  const isGroup = (path: readonly string[]) =>
    commands.some(each => each.length > path.length && path.every((name, i) => each[i] === name));

  it('finds the commands', () => {
    const names = commands.map(path => path.join(' '));
    expect(names).to.include.members(['run', 'store', 'store verify', 'epoch images']);
    expect(names).to.include.members(['chain start', 'chain tx cancel-upgrade']);
    expect(new Set(names).size).to.equal(names.length);
  });

  for (const path of [[], ...commands]) {
    const name = ['swingset-kernel', ...path].join(' ');

    it(`describes ${name}, with options and examples`, () => {
      const page = textOf([...path, '--help'], 200);
      const [usage, , first] = page.split('\n');
      expect(usage).to.satisfy((line: string) => line.startsWith(`Usage: ${name}`));
      expect(usage).to.contain('[options]');
      expect(first).to.match(/^[A-Z].*[.]$/);
      expect(page)
        .to.match(/\nOptions:\n/)
        .and.to.match(/^ {2}-h, --help +show this page$/m);
      expect(page).to.match(/\n\nExamples?:\n {2}# \S/);
      expect(textOf(['help', ...path], 200)).to.equal(page);
    });

    it(`gives examples of ${name} that the parser takes`, () => {
      const page = textOf([...path, '--help'], 500);
      const [, examples = ''] = /\nExamples?:\n([^]*)$/.exec(page) ?? [];
      const lines = examples.split('\n').filter(line => line.startsWith('  swingset-kernel '));
      expect(lines).to.not.deep.equal([]);
      for (const line of lines) {
        const args = splitShellLine(line).slice(1);
        const { command } = parseCommandLine(args);
        if (isGroup(path) || path.length === 0) continue;
        expect(command, line).to.equal(path.join(' '));
      }
    });
  }

  it('has no two pages that say the same', () => {
    const firsts = commands.map(path => textOf([...path, '--help'], 200).split('\n')[2]);
    expect(new Set(firsts).size).to.equal(firsts.length);
  });

  it('shows in the usage what a command needs', () => {
    const usage = (line: string): string | undefined =>
      textOf([...line.split(' '), '--help'], 200).split('\n')[0];
    expect(usage('run')).to.equal(
      'Usage: swingset-kernel run [config] --home <dir> [options] [-- <argv of the bootstrap vat>]',
    );
    expect(usage('rehearse')).to.equal(
      'Usage: swingset-kernel rehearse --home <dir> --epoch <epoch> [options]',
    );
    expect(usage('store copy')).to.equal(
      'Usage: swingset-kernel store copy <to> --home <dir> [options]',
    );
    expect(usage('store')).to.equal('Usage: swingset-kernel store <command> [options]');
  });

  it('has one description of an option that several commands take', () => {
    const described = (name: string) =>
      /--block-computrons <n> +(.*)/.exec(textOf([name, '--help'], 200))?.[1];
    expect(described('drain')).to.be.a('string').and.equal(described('start'));
  });

  it('refuses to help with a command that does not exist', () => {
    for (const line of ['help fly', 'help store shred', 'help run run']) {
      expect(() => parseCommandLine(line.split(' ')), line).to.throw(
        UsageError,
        /^unknown command '(fly|shred|run)'$/,
      );
    }
  });

  it('prints the version', () => {
    for (const flag of ['--version', '-V']) expect(textOf([flag])).to.match(/^\d+\.\d+\.\d+$/);
  });
});
