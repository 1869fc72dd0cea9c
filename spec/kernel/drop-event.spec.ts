import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import type { RunQueueEvent } from '../../lib/state/events.js';
import { kslot } from '../../lib/kernel/delivery/kmarshal.js';
import { parseVRef } from '../../lib/types/ids.js';
import { failureOf } from '../support/failure.js';
import {
  methodOf,
  startScripted,
  type Code,
  type ScriptedKernel,
} from '../support/scripted-kernel.js';

const { vref: vp5 } = parseVRef('p+5');

/** `ask(other)` sends a message to the other and subscribes to its result; others answer with 1. */
const asks: Code = ({ delivery, syscall }) => {
  if (delivery[0] !== 'message') return;
  const { result, methargs } = delivery[2];
  const [other] = methargs.slots;
  if (other !== undefined) {
    syscall(['send', other, { methargs: { body: '#["one",[]]', slots: [] }, result: vp5 }]);
    syscall(['subscribe', vp5]);
  } else if (result) {
    syscall(['resolve', [[result, false, { body: '#1', slots: [] }]]]);
  }
};

const start = async (code: Code): Promise<ScriptedKernel> => {
  const scripted = await startScripted({ vats: { alice: { code } } });
  await scripted.kernel.run();
  return scripted;
};

describe('controller.dropEvent', () => {
  /** alice, who keeps the names of the methods that reach her. */
  const startListening = async () => {
    const heard: unknown[] = [];
    const scripted = await start(({ delivery }) => {
      if (delivery[0] === 'message') heard.push(methodOf(delivery));
    });
    const { kernel } = scripted;
    const say = (method: string, policy: 'ignore' | 'panic' = 'ignore') =>
      kernel.queueToVatRoot('alice', method, [], policy);
    const waiting = () => kernel.dump().vatTables[0]?.waiting as readonly RunQueueEvent[];
    return { ...scripted, kernel, heard, say, waiting };
  };

  it('drops one message that waits for a vat, and rejects its result', async () => {
    const { kernel, heard, say, waiting, slog } = await startListening();
    await kernel.suspendVat('v1');
    const kpids = ['one', 'two', 'three'].map(method => say(method));
    await kernel.run();
    const event = waiting()[1];
    slog.length = 0;
    await kernel.dropEvent({ vatID: 'v1', index: 1, event });
    expect(waiting().map(each => each.type === 'send' && each.msg.result)).to.deep.equal([
      kpids[0],
      kpids[2],
    ]);
    expect(kpids.map(kpid => kernel.kpStatus(kpid))).to.deep.equal([
      ...['unresolved', 'rejected', 'unresolved'],
    ]);
    expect(kernel.kpResolution(kpids[1]!).body).to.contain('was dropped by the operator');
    expect(slog.filter(({ type }) => type === 'event-dropped')).to.deep.equal([
      { type: 'event-dropped', vatID: 'v1', event },
    ]);
    await kernel.resumeVat('v1');
    await kernel.run();
    expect(heard).to.deep.equal(['one', 'three']);
  });

  it('drops the last message that waits for a vat', async () => {
    const { kernel, heard, say, waiting } = await startListening();
    kernel.pauseVat('v1');
    say('one');
    await kernel.run();
    await kernel.dropEvent({ vatID: 'v1', index: 0, event: waiting()[0] });
    expect(waiting()).to.deep.equal([]);
    kernel.unpauseVat('v1');
    await kernel.run();
    expect(heard).to.deep.equal([]);
  });

  it('finds what is still to be routed behind the run-queue, and keeps the order of the rest', async () => {
    const { kernel, heard, say } = await startListening();
    for (const method of ['one', 'two', 'three', 'four', 'five']) say(method);
    for (let count = 0; count < 3; count += 1) await kernel.step();
    const { runQueue, acceptanceQueue } = kernel.dump();
    expect([runQueue.length, acceptanceQueue.length]).to.deep.equal([3, 2]);
    await kernel.dropEvent({ index: 4, event: acceptanceQueue[1] });
    await kernel.dropEvent({ index: 2, event: runQueue[2] });
    await kernel.dropEvent({ index: 0, event: runQueue[0] });
    await kernel.run();
    expect(heard).to.deep.equal(['two', 'four']);
  });

  it('does not stop the kernel for a result whose rejection would', async () => {
    const { kernel, heard, say } = await startListening();
    const kpid = say('one', 'panic');
    await kernel.dropEvent({ index: 0, event: kernel.dump().acceptanceQueue[0] });
    expect(kernel.kpStatus(kpid)).to.equal('rejected');
    await kernel.run();
    expect(heard).to.deep.equal([]);
  });

  it('drops a notification, and the tables stay whole', async () => {
    const vats = { alice: { code: asks }, bob: { code: asks } };
    const { kernel, told } = await startScripted({ vats });
    await kernel.run();
    kernel.queueToVatRoot('alice', 'ask', [kslot(kernel.getRootObject('v2'))]);
    const head = () => kernel.dump().runQueue[0] as RunQueueEvent | undefined;
    while (head()?.type !== 'notify') expect(await kernel.step()).to.equal(1);
    await kernel.dropEvent({ index: 0, event: head() });
    await kernel.run();
    expect(told.filter(each => each.endsWith('notify'))).to.deep.equal([]);
    // `startScripted` checks the tables when the test ends.
  });

  it('changes nothing if another event stands there, or one that must not be dropped', async () => {
    const { kernel, heard, say } = await startListening();
    say('one');
    say('two');
    const [first, second] = kernel.dump().acceptanceQueue;
    const hash = kernel.getActivityhash();
    const refusals: readonly [Parameters<typeof kernel.dropEvent>[0], RegExp][] = [
      [{ index: 0, event: second }, /^the event at position 0 is another one now/],
      [{ index: 2, event: second }, /^the event at position 2 is another one now/],
      [{ index: 0, vatID: 'v1', event: first }, /^the event at position 0 is another one now/],
      [{ index: -1, event: first }, /^place\.index: expected a whole number of at least 0, got -1/],
    ];
    for (const [place, message] of refusals) {
      const error = await failureOf(kernel.dropEvent(place));
      expect(error).to.be.instanceOf(BadOptionError);
      expect((error as Error).message).to.match(message);
    }
    expect(kernel.getActivityhash()).to.equal(hash);
    await kernel.run();
    expect(heard).to.deep.equal(['one', 'two']);
    const { vatTables } = kernel.dump();
    expect(vatTables).to.have.length(1);
  });

  it('refuses an event that somebody would await for ever', async () => {
    const { kernel } = await startScripted({ vats: { alice: {} } });
    const [event] = [...kernel.dump().runQueue, ...kernel.dump().acceptanceQueue];
    const error = await failureOf(kernel.dropEvent({ index: 0, event }));
    expect((error as Error).message).to.equal(
      "a startVat can't be dropped: only messages and notifications can",
    );
    await kernel.run();
    expect(kernel.getStatus().activeVats).to.have.length(1);
  });
});
