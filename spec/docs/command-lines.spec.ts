/** Each command line that the documentation shows is one that the real parser takes. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseCommandLine } from '../../lib/cli/args.js';
import { splitShellLine } from '../support/shell-line.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  ...['README.md', 'examples/README.md', 'examples/chain/README.md', 'lib/cli/README.md'],
  ...readdirSync(`${root}docs`)
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
];

/** What a transaction's signature and an app hash begin with: docs/chain.md. */
const PREFIXES = ['swingset-kernel transaction 1', 'swingset-kernel app hash 1'];

/** The lines of code blocks and the texts in backticks that name the program and a command. */
const commandLinesOf = (text: string): readonly string[] => {
  const blocks = [...text.matchAll(/^```\w*\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.replaceAll(/\\\n\s*/g, '').split('\n'),
  );
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '');
  const spans = [...prose.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
  return [...blocks, ...spans].flatMap(
    line => /^\s*(?:npx )?(swingset-kernel [a-z-][^|]*)/.exec(line)?.[1] ?? [],
  );
};

/** Values for the placeholders, of a form that every option takes. */
const fillIn = (line: string): string =>
  line
    .replaceAll('<node id>@<host>:26656', `${'0'.repeat(40)}@host:26656`)
    .replaceAll('<id>@<host>:26656', `${'0'.repeat(40)}@host:26656`)
    .replaceAll('<hash of that block>', '0'.repeat(64))
    .replaceAll(/<[^>]+>/g, 'x')
    .replaceAll(/\[(--[^\]]+)\]/g, '$1')
    .replaceAll('…', 'x');

/** Why the line makes no sense; undefined for a good one. */
const flawOf = (line: string): string | undefined => {
  try {
    parseCommandLine(splitShellLine(fillIn(line)).slice(1));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

/** A line that names a command without its options: `swingset-kernel chain start`. */
const isMention = (line: string): boolean => !/ -|[<[]/.test(line);

const flawOfMention = (line: string): string | undefined => {
  const words = splitShellLine(line).slice(1);
  if (words[0] === 'help') return flawOf(line);
  const isCommand = (count: number) =>
    flawOf(`swingset-kernel help ${words.slice(0, count).join(' ')}`) === undefined;
  // Operands may follow the command's name.
  return words.some((_, index) => isCommand(index + 1)) ? undefined : `no command ${words[0]}`;
};

describe('command lines in the documentation', () => {
  const lines = pages.flatMap(page =>
    commandLinesOf(readFileSync(`${root}${page}`, 'utf8'))
      .filter(line => !PREFIXES.includes(line))
      .map(line => [page, line] as const),
  );

  it('name commands and options that exist', () => {
    expect(lines.length).to.be.greaterThan(30);
    const bad = lines.flatMap(([page, line]) => {
      const flaw = isMention(line) ? flawOfMention(line) : flawOf(line);
      return flaw === undefined ? [] : [`${page}: ${line}: ${flaw}`];
    });
    expect(bad).to.deep.equal([]);
  });

  it('are found wrong where they are', () => {
    expect(flawOf('swingset-kernel store replay --home x')).to.contain('unknown command');
    expect(flawOf('swingset-kernel rehearse --home x --epoch 2 --lazy')).to.contain('--lazy');
    expect(flawOfMention('swingset-kernel fly')).to.equal('no command fly');
  });
});
