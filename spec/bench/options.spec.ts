import { expect } from 'chai';
import { readOptions } from '../../bench/harness/options.js';

const defaults = { rounds: 5, contenders: ['peer', 'here'], names: ['wake', 'create'] } as const;
const read = (...args: string[]) => readOptions(args, defaults);

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
    [['wake'], "Unexpected argument 'wake'"],
  ] as const) {
    it(`refuse ${args.join(' ')}`, () => {
      expect(() => read(...args)).to.throw(message);
    });
  }
});
