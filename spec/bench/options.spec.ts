import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import {
  BenchUsageError,
  helpOf,
  readOptions,
  type BenchCommand,
} from '../../bench/harness/options.js';

const command: BenchCommand = {
  ...{ script: 'bench:naps', measures: 'Measures naps.' },
  ...{ rounds: 5, contenders: ['peer', 'here'], names: ['wake', 'create'] },
};
const read = (...args: string[]) => readOptions(args, command);

describe('options of benches', () => {
  it('default to everything, on our own platform', () => {
    expect(read()).to.deep.equal({
      settings: { platform: 'own', init: 'endo', quick: false, reapInterval: 1000 },
      rounds: 5,
      only: undefined,
      contenders: ['peer', 'here'],
      json: false,
    });
  });

  it('choose rows, contenders and settings', () => {
    expect(
      read(
        ...['--only', 'create,wake', '--rounds', '7', '--contenders', 'here,limit', '--json'],
        ...['--platform', 'stock', '--init', 'command', '--reap-interval', '1', '--quick'],
      ),
    ).to.deep.equal({
      settings: { platform: 'stock', init: 'command', quick: true, reapInterval: 1 },
      rounds: 7,
      only: ['create', 'wake'],
      contenders: ['here', 'limit'],
      json: true,
    });
  });

  for (const [args, message] of [
    [['--only', 'wake,sleep'], '--only is "sleep"; give one of wake, create'],
    [['--rounds', '0'], '--rounds is "0"; give a positive integer'],
    [['--rounds', '2.5'], '--rounds is "2.5"; give a positive integer'],
    [['--reap-interval', 'never'], '--reap-interval is "never"; give a positive integer'],
    [['--platform', 'other'], '--platform is "other"; give one of own, stock'],
    [['--contenders', ''], '--contenders is ""; give one of peer, here, limit'],
    [['--fast'], "Unknown option '--fast'"],
    [['--rounds'], "Option '--rounds <value>' argument missing"],
    [['--rounds', '--quick'], "Option '--rounds' argument is ambiguous."],
    [['--quick=yes'], "Option '--quick' does not take an argument"],
    [['wake'], "Unexpected argument 'wake'. This command does not take positional arguments"],
  ] as const) {
    it(`refuse ${args.join(' ')} in one line`, () => {
      expect(() => read(...args))
        .to.throw(BenchUsageError)
        .with.property('message', message);
    });
  }

  it('are all on the page that --help asks for', () => {
    expect(read('--help')).to.equal(undefined);
    expect(read('--quick', '-h')).to.equal(undefined);
    const page = helpOf(command);
    expect(page).to.match(/^Usage: npm run bench:naps -- \[options\]\n\nMeasures naps\.\n/);
    const flags = [...page.matchAll(/^ {2}(?:-h, )?--([a-z-]+)/gm)].map(([, flag]) => flag);
    expect(flags).to.deep.equal([
      ...['only', 'rounds', 'contenders', 'platform', 'init', 'reap-interval', 'quick', 'json'],
      'help',
    ]);
    expect(page).to.match(/\n\nNames:\n {2}wake create\n/);
    const many = helpOf({ ...command, names: Array.from({ length: 40 }, () => 'a-long-name') });
    for (const line of many.split('\n')) expect(line.length, line).to.be.at.most(80);
  });

  it('end the process with their page, or with one line and status 2', async () => {
    const main = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
    const bench = (...args: string[]) =>
      new Promise<[code: number, stdout: string, stderr: string]>(resolve => {
        execFile(
          process.execPath,
          ['--import', 'tsx/esm', main, ...args],
          { cwd: fileURLToPath(new URL('../..', import.meta.url)) },
          (error, stdout, stderr) => resolve([error ? Number(error.code) : 0, stdout, stderr]),
        );
      });
    const [help, wrong] = await Promise.all([bench('--help'), bench('--only', 'sleep')]);
    expect(help[0]).to.equal(0);
    expect(help[1])
      .to.match(/^Usage: npm run bench -- \[options\]\n/)
      .and.contain('ping-pong');
    expect(help[2]).to.equal('');
    expect([wrong[0], wrong[1]]).to.deep.equal([2, '']);
    expect(wrong[2]).to.match(/^bench: --only is "sleep"; give one of [^\n]*ping-pong[^\n]*\n$/);
  });
});
