/** Issue 18: no delivery to a system vat costs more because others have asked for much. */
import '@agoric/swingset-liveslots/tools/prepare-test-env.js';
import { expect } from 'chai';
import { Far } from '@endo/far';
import { buildManualTimer } from '../../lib/drop-in/manual-timer.js';
import { MOST_AT_ONCE } from '../../lib/vats/timer/schedule.js';
import { buildRootObject as buildTimer } from '../../lib/vats/timer/vat-timer.js';
import { buildRootObject as buildVatTP } from '../../lib/vats/vattp/vat-vattp.js';
import { sourceOf, startLife } from '../support/swingset.js';

const settled = () => new Promise(resolve => setImmediate(resolve));

/** A baggage for one incarnation. */
const makeBaggage = () => {
  const entries = new Map<string, unknown>();
  return {
    has: (key: string) => entries.has(key),
    get: (key: string) => entries.get(key),
    init: (key: string, value: unknown) => void entries.set(key, value),
    set: (key: string, value: unknown) => void entries.set(key, value),
  };
};

describe('the timer vat', () => {
  const makeTimer = () => {
    const wakes: number[] = [];
    const woken: unknown[] = [];
    const timer = buildManualTimer({ callbacks: { wake: () => wakes.push(woken.length) } });
    const makeHandler = (name: unknown) =>
      Far('handler', {
        wake: () => {
          woken.push(name);
        },
      });
    return { timer, wakes, woken, makeHandler };
  };
  const numbers = [...Array(MOST_AT_ONCE + 100).keys()];

  it('wakes so many in one delivery, and the others in the next, in their order', async () => {
    const { timer, wakes, woken, makeHandler } = makeTimer();
    // Many share the last deadline.
    for (const each of numbers) {
      timer.setWakeup(BigInt(Math.min(each + 1, MOST_AT_ONCE - 100)), makeHandler(each));
    }
    timer.advanceTo(5_000n);
    await settled();
    expect(wakes.length).to.equal(2);
    expect(woken).to.deep.equal(numbers);
    timer.setWakeup(5_001n, makeHandler('later'));
    timer.advanceTo(5_001n);
    await settled();
    expect(woken.at(-1)).to.equal('later');
    expect(wakes.length).to.equal(3);
  });

  it('cancels so many in one delivery, and the others before anything fires', async () => {
    const baggage = makeBaggage();
    let now = 0n;
    let wakeup: { when: bigint; handler: { wake(): void } } | undefined;
    const device = {
      getLastPolled: () => now,
      setWakeup: (when: bigint, handler: { wake(): void }) => {
        wakeup = { when, handler };
      },
      removeWakeup: () => {
        wakeup = undefined;
      },
    };
    const root = buildTimer({ D: () => device }, undefined, baggage as never);
    const service = root.createTimerService(Far('device', {}));
    const woken: string[] = [];
    const makeHandler = (name: string) =>
      Far('handler', { wake: () => void woken.push(name) }) as never;
    const token = Far('token', {}) as never;
    let told = 0;
    const thing = Far('thing', { cancel: () => void (told += 1) });
    service.setWakeup(1n, makeHandler('cancelled'), token);
    service.setWakeup(2n, makeHandler('other'));
    const cancels = baggage.get('cancels') as {
      get(key: unknown): readonly unknown[];
      set(key: unknown, things: readonly unknown[]): void;
    };
    // As if they had been added before: that one by one takes a minute.
    const things = Array.from({ length: 2 * MOST_AT_ONCE }, () => thing);
    cancels.set(token, harden([...things, ...cancels.get(token)]));

    service.cancel(token);
    expect(told).to.equal(MOST_AT_ONCE);
    // At the next poll, whatever time it is.
    expect(wakeup?.when).to.equal(0n);
    service.setWakeup(1n, makeHandler('same token again'), token);
    now = 5n;
    wakeup?.handler.wake();
    expect(told).to.equal(2 * MOST_AT_ONCE);
    expect(wakeup?.when).to.equal(0n);
    await settled();
    expect(woken).to.deep.equal([]);
    wakeup?.handler.wake();
    await settled();
    expect(woken).to.deep.equal(['same token again', 'other']);
    expect(wakeup).to.equal(undefined);
  });

  it('takes null for no token, as SwingSet does', async () => {
    const { timer, woken, makeHandler } = makeTimer();
    timer.setWakeup(1n, makeHandler('a'), null);
    const waiting = timer.wakeAt(1n, null);
    timer.advanceTo(1n);
    expect((await waiting).absValue).to.equal(1n);
    expect(woken).to.deep.equal(['a']);
    expect(() => timer.setWakeup(2n, makeHandler('b'), 'token')).to.throw('bad cancel token');
  });

  // If each removal rewrote the row of all, it would take 50,000,000 computrons.
  for (const [what, end] of [
    ['cancels', 'cancel'],
    ['wakes', 'advanceTo'],
  ] as const) {
    it(`${what} many that share a deadline and a token, on xsnap`, async () => {
      const busy = { sourceSpec: sourceOf(import.meta.url, 'fixtures/busy-timer.js') };
      const life = await startLife({
        config: { bootstrap: 'busy', vats: { busy }, computronLimit: 30_000_000 },
        worker: 'xsnap',
      });
      await life.run();
      for (let part = 0; part < 22; part += 1) await life.call('busy', 'add', 10, 10n);
      await life.call('busy', end, 9n);
      await life.call('busy', 'advanceTo', 10n);
      expect(await life.call('busy', 'countWoken')).to.equal(end === 'cancel' ? 0 : 220);
    });
  }
});

describe('the vattp vat', () => {
  it('takes so many messages or acknowledgements in one delivery, and the rest when told again', async () => {
    const outbox = new Set<number>();
    let acknowledged = 0;
    const device = {
      add: (_peer: string, number: number) => void outbox.add(number),
      remove: (_peer: string, number: number) => void outbox.delete(number),
      ackInbound: (_peer: string, number: number) => {
        acknowledged = number;
      },
    };
    const vattp = buildVatTP({ D: () => device }, undefined, makeBaggage() as never);
    vattp.registerMailboxDevice(Far('mailbox', {}));
    const { transmitter, setReceiver } = vattp.addRemote('peer');
    const received: string[] = [];
    setReceiver.setReceiver(
      Far('receiver', { receive: (message: string) => void received.push(message) }),
    );

    const messages = Array.from({ length: 5_000 }, (_, at) => [BigInt(at + 1), `${at}`] as const);
    const counts: number[] = [];
    while (acknowledged < messages.length) {
      vattp.deliverInboundMessages('peer', messages);
      counts.push(acknowledged);
    }
    await settled();
    expect(counts).to.deep.equal([2_000, 4_000, 5_000]);
    expect(received).to.deep.equal(messages.map(([, message]) => message));

    for (const [, message] of messages) transmitter.transmit(message);
    const sizes = [99_999n, 99_999n, 4_500n, NaN, 4_500n].map(ack => {
      vattp.deliverInboundAck('peer', ack);
      return outbox.size;
    });
    expect(sizes).to.deep.equal([3_000, 1_000, 500, 500, 500]);
  });
});
