import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError, parseCommandLine, parseEpoch, usage } from '../../lib/cli/args.js';
import type { RunArgs } from '../../lib/cli/args.js';
import { loadRestartOptions } from '../../lib/cli/restart-args.js';
import { makeTempDir } from '../support/swingset.js';

const parse = (line: string) => parseCommandLine(line === '' ? [] : line.split(' '));

describe('the command line', () => {
  it('reads run with everything', () => {
    const line =
      'run conf.json --home h --epoch v7 --reset --worker local --slog s.log --json -- a --home b';
    expect(parse(line)).to.deep.equal({
      command: 'run',
      config: 'conf.json',
      home: 'h',
      epoch: 'v7',
      reset: true,
      worker: 'local',
      slog: 's.log',
      json: true,
      argv: ['a', '--home', 'b'],
      platformRestart: {},
      platformEpochKindChange: false,
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
      json: false,
      argv: [],
      platformRestart: {},
      platformEpochKindChange: false,
    });
  });

  it('reads how vats are restarted', () => {
    const options =
      '--exempt bank --exempt v7 --on-vat-failure panic --no-last-rites --concurrency 2 --kind-change';
    expect(parse(`run --home h --epoch 3 --lazy ${options}`)).to.deep.include({
      platformRestart: {
        mode: 'lazy',
        exempt: ['bank', 'v7'],
        onVatFailure: 'panic',
        lastRites: false,
        concurrency: 2,
      },
      platformEpochKindChange: true,
    });
    expect(parse(`rehearse --home h --epoch 3 ${options}`)).to.deep.include({
      platformRestart: {
        exempt: ['bank', 'v7'],
        onVatFailure: 'panic',
        lastRites: false,
        concurrency: 2,
      },
      platformEpochKindChange: true,
    });
    for (const [line, message] of [
      ['run --home h --lazy', '--lazy needs --epoch <epoch>'],
      ['rehearse --home h --epoch 3 --lazy', 'rehearse takes no --lazy'],
      ['rehearse --home h --epoch 3 --crank-limit x', '--crank-limit: expected a positive number'],
      ['run --home h --vat-parameters f', '--vat-parameters needs --epoch <epoch>'],
      [
        'run --home h --epoch 3 --on-vat-failure ignore',
        '--on-vat-failure: expected suspend, panic, terminate, got "ignore"',
      ],
      [
        'run --home h --epoch 3 --concurrency 0',
        '--concurrency: expected a whole number from 1 to 9999, got "0"',
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

  it('helps', () => {
    for (const line of ['', 'help', '--help', 'run --help']) {
      expect(parse(line)).to.deep.equal({ command: 'help' });
    }
    expect(usage).to.contain('swingset-kernel run');
  });

  const mistakes: readonly (readonly [string, RegExp])[] = [
    ['fly --home h', /"fly" is not a command; known are run, status/],
    ['store shred --home h', /"store shred" is not a command/],
    ['run x', /run needs --home/],
    ['status', /status needs --home/],
    ['status h --home h', /status takes no "h"/],
    ['status --home h --epoch 3', /status takes no --epoch/],
    ['run a b --home h', /run takes no "b"; .* after --/],
    ['store copy --home h', /store copy needs <to>/],
    ['run a --home h --worker v8', /--worker: expected xsnap or local, got "v8"/],
    ['run a --hom h', /hom/],
    ['run a --home', /home/],
  ];
  for (const [line, message] of mistakes) {
    it(`refuses: ${line}`, () => {
      expect(() => parse(line)).to.throw(UsageError, message);
    });
  }
});
