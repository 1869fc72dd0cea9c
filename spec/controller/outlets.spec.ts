import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { makeSafeConsole, makeSafeListener } from '../../lib/controller/outlets.js';

const full = () =>
  Object.assign(Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

describe('what the kernel says to people', () => {
  const record = () => {
    const lines: unknown[][] = [];
    const write = (...args: unknown[]) => void lines.push(args);
    return { lines, console: { log: write, info: write, warn: write, error: write, debug: write } };
  };

  it('commands no terminal, and keeps its lines and tabs', () => {
    const { lines, console } = record();
    const safe = makeSafeConsole(console);
    safe.log('\u001b[2J\u001b]0;owned\u0007', 'two\n\tlines', 7, { kept: true });
    safe.error(Object.assign(Error('\u009b31m\u202ebad'), { stack: '' }));
    expect(lines).to.deep.equal([
      ['\\u001b[2J\\u001b]0;owned\\u0007', 'two\n\tlines', 7, { kept: true }],
      ['Error: \\u009b31m\\u202ebad'],
    ]);
  });

  it('leaves errors as they are that say nothing harmful', () => {
    const { lines, console } = record();
    const error = Error('no');
    makeSafeConsole(console).warn('failed:', error);
    expect(lines[0]?.[1]).to.equal(error);
  });

  it('may be said to a console that throws, or rejects', async () => {
    const broken = () => {
      throw full();
    };
    const rejecting = (() => Promise.reject(full())) as () => void;
    const safe = makeSafeConsole({
      log: broken,
      info: broken,
      warn: rejecting,
      error: rejecting,
      debug: broken,
    });
    safe.log('x');
    safe.error('x');
    // An unhandled rejection would fail this test.
    await nextTurn();
  });

  it('may be said to a listener that fails, which the console hears once', async () => {
    const { lines, console } = record();
    const heard: number[] = [];
    const listen = makeSafeListener(
      'slogSender',
      (entry: number) => {
        heard.push(entry);
        if (entry % 2 === 0) return Promise.reject(full());
        throw full();
      },
      console,
    );
    [1, 2, 3, 4].forEach(entry => listen(entry));
    await nextTurn();
    expect(heard).to.deep.equal([1, 2, 3, 4]);
    expect(lines.map(([text]) => text)).to.deep.equal([
      'slogSender failed. The kernel continues, and does not repeat this warning:',
    ]);
  });
});
