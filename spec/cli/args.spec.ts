import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseCommandLine } from '../../lib/cli/args.js';
import type { RunArgs } from '../../lib/cli/args.js';
import { loadRestartOptions, parseEpoch } from '../../lib/cli/restart-args.js';
import { UsageError } from '../../lib/cli/usage-error.js';
import { makeTempDir } from '../support/swingset.js';

const parse = (line: string) => parseCommandLine(line === '' ? [] : line.split(' '));

describe('the command line', () => {
  it('reads run with everything', () => {
    const line =
      'run conf.json --home h --epoch v7 --reset --worker local --slog s.log --strict --json -- a --home b';
    expect(parse(line)).to.deep.equal({
      command: 'run',
      config: 'conf.json',
      home: 'h',
      epoch: 'v7',
      reset: true,
      worker: 'local',
      slog: { file: 's.log' },
      strict: true,
      json: true,
      argv: ['a', '--home', 'b'],
      platformRestart: {},
      platformEpochKindChange: false,
      platform: {},
    });
  });

  it('reads run with little', () => {
    expect(parse('run --home h')).to.deep.equal({
      command: 'run',
      config: undefined,
      home: 'h',
      epoch: undefined,
      reset: false,
      worker: undefined,
      slog: undefined,
      strict: false,
      json: false,
      argv: [],
      platformRestart: {},
      platformEpochKindChange: false,
      platform: {},
    });
  });

  it('reads the platform of vats', () => {
    const options = '--platform own --image-bundles facet --image-bundles b1-2';
    const platform = { platform: 'own', imageBundles: ['facet', 'b1-2'] };
    expect(parse(`run --home h ${options}`)).to.deep.include({ platform });
    expect(
      parse(`rehearse --home h --epoch 3 ${options} --no-serve-import-bundle`),
    ).to.deep.include({
      platform: { ...platform, serveImportBundle: false },
    });
  });

  it('reads how vats are restarted', () => {
    const options =
      '--exempt bank --exempt v7 --on-vat-failure panic --concurrency 2 --kind-change';
    expect(parse(`run --home h --epoch 3 --mode lazy ${options}`)).to.deep.include({
      platformRestart: {
        mode: 'lazy',
        exempt: ['bank', 'v7'],
        onVatFailure: 'panic',
        concurrency: 2,
      },
      platformEpochKindChange: true,
    });
    expect(parse(`rehearse --home h --epoch 3 ${options}`)).to.deep.include({
      platformRestart: {
        exempt: ['bank', 'v7'],
        onVatFailure: 'panic',
        concurrency: 2,
      },
      platformEpochKindChange: true,
    });
    expect(parse('rehearse --home h --epoch 3 --mode rolling --blocks 1_000')).to.deep.include({
      platformRestart: { mode: 'rolling' },
      blocks: 1000,
    });
    for (const [line, message] of [
      [
        'rehearse --home h --epoch 3 --blocks 0',
        "option '--blocks <n>' argument '0' is invalid. Expected a whole number from 1 to 1000000.",
      ],
      ['run --home h --mode lazy', "option '--mode <mode>' needs --epoch <epoch>"],
      [
        'run --home h --epoch a\u200bb',
        "option '--epoch <epoch>' argument 'a\u200bb' is invalid. Expected at most 256 printable",
      ],
      ['run --home h --reset', "option '--reset' needs [config], from which the new swingset"],
      [
        'run --home h --epoch 3 --mode slow',
        "option '--mode <mode>' argument 'slow' is invalid. Allowed choices are eager, lazy, rolling.",
      ],
      [
        'rehearse --home h --epoch 3 --crank-limit x',
        "option '--crank-limit <n>' argument 'x' is invalid. Expected a whole number from 1 to ",
      ],
      ['run --home h --vat-parameters f', "'--vat-parameters <file>' needs --epoch <epoch>"],
      [
        'run --home h --epoch 3 --on-vat-failure ignore',
        "option '--on-vat-failure <policy>' argument 'ignore' is invalid. Allowed choices are suspend, panic, terminate.",
      ],
      [
        'run --home h --epoch 3 --concurrency 0',
        "option '--concurrency <n>' argument '0' is invalid. Expected a whole number from 1 to 9999.",
      ],
    ] as const) {
      expect(() => parse(line)).to.throw(UsageError, message);
    }
  });

  it('reads where a rehearsal takes place, and its limits', () => {
    const options = '--temp-dir t --crank-limit 2_000 --vat-parameters p.json';
    expect(parse(`rehearse --home h --epoch 3 ${options}`)).to.deep.include({
      tempDir: 't',
      crankLimit: 2000,
      vatParameters: 'p.json',
    });
  });

  it('reads whole numbers in the notations that Number reads exactly', () => {
    const limit = (text: string): unknown => {
      const args = parse(`rehearse --home h --epoch 3 --crank-limit ${text}`);
      return args.command === 'rehearse' ? args.crankLimit : args;
    };
    for (const [text, value] of [
      ['1e9', 1e9],
      ['1.5E+3', 1500],
      ['1.50e1', 15],
      ['7.0', 7],
      ['0x7d0', 2000],
      ['1,000_000', 1_000_000],
      ['007', 7],
      ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ] as const) {
      expect(limit(text), text).to.equal(value);
    }
    for (const text of [
      ...['0', '1.5', '1.05e1', '10e-1', '1_0e3', '1e400', 'Infinity', 'NaN', '0x', '2k', '_1'],
      // Number makes them a whole number in range, which they are not.
      ...['0.99999999999999999999', '99999999999999999999e-20', '9007199254740992'],
    ]) {
      expect(() => limit(text), text).to.throw(
        UsageError,
        `option '--crank-limit <n>' argument '${text}' is invalid. Expected a whole number from 1 `,
      );
    }
  });

  it('reads rules for vatParameters of a file', () => {
    const file = join(makeTempDir(), 'parameters.json');
    const load = (text: string | undefined) => {
      if (text !== undefined) writeFileSync(file, text);
      const options = `--exempt v4 --require-empty-queue --assume-engine installed --vat-parameters ${file}`;
      const args = parse(`run --home h --epoch 3 ${options}`);
      return loadRestartOptions(args as RunArgs).options;
    };
    expect(() => load(undefined)).to.throw(UsageError, '--vat-parameters: ENOENT');
    expect(() => load('{')).to.throw(UsageError, '--vat-parameters: ');
    expect(() => load('[]')).to.throw(UsageError, 'expected an object, got []');
    const { vatParameters, ...options } = load('{ "rules": [] }');
    expect(options).to.deep.equal({
      exempt: ['v4'],
      requireEmptyQueue: true,
      assumeEngine: 'installed',
    });
    expect(vatParameters).to.be.a('function');
  });

  it('reads what is done to vats and queues', () => {
    const common = { home: 'h', json: false };
    for (const command of ['suspend', 'resume']) {
      expect(parse(`${command} bank --home h`)).to.deep.equal({ command, ...common, vat: 'bank' });
    }
    expect(parse('restart v4 --home h --json --parameters {"a":[1]} --message why')).to.deep.equal({
      command: 'restart',
      home: 'h',
      json: true,
      vat: 'v4',
      parameters: { a: [1] },
      message: 'why',
    });
    const code = { bundle: undefined, source: undefined, bundleID: undefined };
    for (const [flag, given] of [
      ['--bundle', { bundle: 'x' }],
      ['--source', { source: 'x' }],
      ['--bundle-id', { bundleID: 'x' }],
    ] as const) {
      expect(parse(`upgrade bank ${flag} x --home h`)).to.deep.equal({
        command: 'upgrade',
        ...common,
        vat: 'bank',
        parameters: undefined,
        message: undefined,
        ...code,
        ...given,
      });
    }
    expect(parse('terminate v4 --yes --reason old --home h')).to.deep.equal({
      command: 'terminate',
      ...common,
      vat: 'v4',
      reason: 'old',
    });
    expect(parse('drain --home h')).to.deep.equal({
      ...{ command: 'drain', ...common, blocks: 1000, blockComputrons: undefined },
    });
    expect(parse('drain --blocks 3 --block-computrons 9 --home h')).to.deep.include({
      ...{ blocks: 3, blockComputrons: 9 },
    });
    const first = { command: 'drop', ...common, position: 1, save: undefined, yes: false };
    expect(parse('drop --home h')).to.deep.equal({ ...first, vat: undefined });
    expect(parse('drop bank --position 2 --save f --yes --home h')).to.deep.equal({
      ...{ ...first, vat: 'bank' },
      ...{ position: 2, save: 'f', yes: true },
    });
    expect(parse('bundle install f --bundle-id b1-0 --home h')).to.deep.equal({
      command: 'bundle install',
      ...common,
      file: 'f',
      bundleID: 'b1-0',
    });
  });

  it('reads the commands of two words', () => {
    expect(parse('store verify --home h')).to.eql({
      command: 'store verify',
      home: 'h',
      json: false,
    });
    expect(parse('store copy to --home h')).to.eql({
      command: 'store copy',
      home: 'h',
      json: false,
      to: 'to',
    });
  });

  it('takes digits for a number, and anything else for a name', () => {
    expect(['7', '0', '007', '1.5', 'v1', '-1', '9'.repeat(16)].map(parseEpoch)).to.deep.equal([
      7,
      0,
      7,
      '1.5',
      'v1',
      '-1',
      '9'.repeat(16),
    ]);
  });

  it('helps, with a page for each command and a line for each of its options', () => {
    const help = (line: string): string => {
      const args = parse(line);
      if (args.command !== 'print') expect.fail(`${line} is ${args.command}`);
      return args.text;
    };
    const whole = help('--help');
    for (const line of ['', 'help']) expect(help(line)).to.equal(whole);
    expect(whole).to.match(/^Usage: swingset-kernel .*\n\nRun SwingSet vats/);
    const listed = /\nCommands:\n([^]*?)\n\n/.exec(whole)?.[1] ?? '';
    const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
    expect(names).to.deep.equal([
      ...['init', 'run', 'status', 'epochs', 'params', 'rehearse', 'epoch'],
      ...['vats', 'vat', 'replay', 'platform', 'kernel-dump', 'slog'],
      ...['start', 'send', 'result'],
      ...['drain', 'suspend', 'resume', 'restart', 'upgrade', 'terminate', 'drop', 'bundle'],
      ...['inspect', 'store', 'chain', 'help'],
    ]);
    const run = help('run --help');
    expect(help('help run')).to.equal(run);
    expect(run).to.match(/^Usage: swingset-kernel run \[config\] --home <dir>/);
    expect(run).to.match(/^ {2}--exempt <vat> +name or vatID of a vat that keeps its incarnation/m);
    expect(run).to.contain('Examples:\n').and.not.to.contain('--crank-limit');
    const copy = help('store copy --help');
    expect(copy).to.contain('Copy the store as of its last commit').and.not.to.contain('--epoch');
    for (const page of [run, copy]) expect(page).to.match(/^ {2}--home <dir> +directory of the/m);
    expect(help('--version')).to.match(/^\d+\.\d+\.\d+/);
  });

  const commands = [
    ...['init', 'run', 'status', 'epochs', 'params', 'rehearse', 'epoch images', 'epoch plan'],
    ...['vats', 'vat', 'replay', 'platform', 'kernel-dump'],
    ...['suspend', 'resume', 'restart', 'upgrade', 'terminate', 'drain', 'drop', 'bundle install'],
    ...['inspect', 'store verify', 'store repair'],
    ...['store stats', 'store compact', 'store copy', 'store export', 'store import'],
  ];

  /** `--epoch <epoch>` and so on, from the help page. */
  const optionsWithValues = (command: string): readonly string[] => {
    const page = parse(`${command} --help`);
    if (page.command !== 'print') expect.fail(page.command);
    return [...page.text.matchAll(/^ {2}(--[a-z-]+ <[a-z]+>)/gm)].map(([, flags = '']) => flags);
  };

  it('knows which options take values', () => {
    expect(optionsWithValues('run')).to.deep.equal([
      ...['--home <dir>', '--epoch <epoch>', '--worker <type>'],
      ...['--mode <mode>', '--exempt <vat>', '--on-vat-failure <policy>', '--concurrency <n>'],
      ...['--vat-parameters <file>', '--assume-engine <engine>'],
      ...['--slog <file>', '--slog-max-bytes <n>', '--slog-keep <n>'],
      ...['--platform <kind>', '--image-bundles <bundle>'],
    ]);
  });

  for (const command of commands) {
    it(`takes no option, nor an empty text, for a value of ${command}`, () => {
      const options = optionsWithValues(command);
      expect(options).to.include('--home <dir>');
      for (const flags of options) {
        const [name = ''] = flags.split(' ');
        const refused = (args: readonly string[], message: string) =>
          expect(() => parseCommandLine([...command.split(' '), ...args]))
            .to.throw(UsageError)
            .that.includes({ message, command: `swingset-kernel ${command}` });
        for (const value of ['--json', '--lazy', '-x', '-', '-1']) {
          refused(
            [name, value],
            `option '${flags}' is followed by '${value}'; ` +
              `if that is its value, write ${name}=${value}`,
          );
        }
        for (const args of [[name, ''], [`${name}=`]]) {
          refused(args, `option '${flags}' has an empty value`);
        }
      }
    });
  }

  it('takes the rotation of a slog, which needs a file', () => {
    const of = (line: string) => parse(line) as { slog?: unknown };
    expect(of('run --home h --slog s --slog-max-bytes 1e6').slog).to.deep.equal({
      file: 's',
      maxBytes: 1_000_000,
    });
    expect(
      of('start --home h --slog s --slog-max-bytes 1_000 --slog-keep 2 --slog-gzip').slog,
    ).to.deep.equal({ file: 's', maxBytes: 1_000, keep: 2, gzip: true });
    const refused = (line: string, message: string) =>
      expect(() => parse(line)).to.throw(UsageError, message);
    refused('run --home h --slog-keep 2', 'need --slog <file>');
    refused('start --home h --slog s --slog-gzip', 'need --slog-max-bytes <n>');
    refused('run --home h --slog s --slog-max-bytes 0', 'whole number');
  });

  it('takes a value with a leading dash that is joined to its option', () => {
    expect(parse('run --home=-h --epoch=--lazy --slog=-s=1 --exempt=-')).to.deep.include({
      home: '-h',
      epoch: '--lazy',
      slog: { file: '-s=1' },
      platformRestart: { exempt: ['-'] },
    });
  });

  it('leaves alone what follows --, operands, and values that are names of commands', () => {
    expect(
      parseCommandLine(['run', '--home', 'store', '--epoch', '3', '--', '--epoch', '--lazy', '']),
    ).to.deep.include({ home: 'store', epoch: 3, argv: ['--epoch', '--lazy', ''] });
    expect(parse('params run --home h')).to.include({ vat: 'run' });
  });

  it('takes an option twice with the same value', () => {
    expect(parse('run --home h --epoch 3 --home h --epoch 3')).to.include({ home: 'h', epoch: 3 });
  });

  it('refuses empty operands', () => {
    const refused = (args: readonly string[], message: string) =>
      expect(() => parseCommandLine([...args, '--home', 'h'])).to.throw(UsageError, message);
    refused(['params', ''], "argument '<vat>' has an empty value");
    refused(['store', 'copy', ''], "argument '<to>' has an empty value");
    refused(['run', ''], "argument '[config]' has an empty value");
    refused(['status', ''], 'unexpected argument ""');
    refused([''], "unknown command ''");
  });

  const mistakes: readonly (readonly [string, RegExp, command: string])[] = [
    ['fly --home h', /^unknown command 'fly'$/, ''],
    ['statsu --home h', /^unknown command 'statsu'\n\(Did you mean status\?\)$/, ''],
    ['store shred --home h', /^unknown command 'shred'$/, ' store'],
    ['store', /^swingset-kernel store needs a command: verify, repair, /, ' store'],
    ['run x', /^required option '--home <dir>' not specified$/, ' run'],
    ['status h --home h', /^unexpected argument "h"$/, ' status'],
    ['status --home h --epoch 3', /^unknown option '--epoch'$/, ' status'],
    ['run a b --home h', /^unexpected argument "b"; .* after --$/, ' run'],
    ['status --home h -- x', /^status takes no arguments after --$/, ' status'],
    ['store copy --home h', /^missing required argument 'to'$/, ' store copy'],
    ['run a --home h --worker v8', /'--worker <type>' argument 'v8' .* xsnap, local/, ' run'],
    ['run a --hom h', /^unknown option '--hom'\n\(Did you mean --home\?\)$/, ' run'],
    ['run --epoch 3 --home -- x', /^option '--home <dir>' argument missing$/, ' run'],
    ['run --home --epoch summer', /^option '--home <dir>' is followed by '--epoch'; /, ' run'],
    ['suspend --home h', /^missing required argument 'vat'$/, ' suspend'],
    ['terminate v4 --home h', /^v4 would end for good: .*add --yes$/, ' terminate'],
    ['upgrade v4 --home h', /^give one of --bundle <file>, --source <module> /, ' upgrade'],
    ['upgrade v4 --bundle a --source b --home h', /^give one of --bundle <file>/, ' upgrade'],
    ['restart v4 --parameters {a --home h', /Expected JSON, for example/, ' restart'],
    ['drop --position 0 --home h', /Expected a whole number from 1 to /, ' drop'],
    ['run a --home', /^option '--home <dir>' argument missing$/, ' run'],
    [
      'run --home h --epoch spring --epoch=summer',
      /^option '--epoch <epoch>' is given twice: "spring" and "summer"$/,
      ' run',
    ],
    [
      'terminate v4 --yes --home a --home b',
      /^option '--home <dir>' is given twice: "a" and "b"$/,
      ' terminate',
    ],
  ];
  for (const [line, message, command] of mistakes) {
    it(`refuses: ${line}`, () => {
      expect(() => parse(line))
        .to.throw(UsageError, message)
        .with.property('command', `swingset-kernel${command}`);
    });
  }
});
