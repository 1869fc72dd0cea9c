import { expect } from 'chai';
import { parseVatID, type ObjectKRef, type PromiseKRef, type VRef } from '../../lib/types/ids.js';
import {
  methodOf,
  startScripted,
  valueOf,
  type Code,
  type ScriptedKernel,
} from '../support/scripted-kernel.js';

const v1 = parseVatID('v1');
const DURABLE = 'o+d10/1' as VRef;
const EPHEMERAL = 'o+5' as VRef;

/** Sends a durable and an ephemeral object, and a promise that it decides, to the given object. */
const gives: Code = ({ delivery, syscall }) => {
  if (methodOf(delivery) !== 'give' || delivery[0] !== 'message') return;
  const [target] = delivery[2].methargs.slots;
  if (!target) return;
  const slots = [DURABLE, EPHEMERAL, 'p+7' as VRef];
  syscall(['send', target, { methargs: { body: '#["take",["$0","$1","&2"]]', slots } }]);
};

const give = async ({ kernel, parts }: ScriptedKernel): Promise<void> => {
  const { queue, state } = parts.lifecycle;
  const [alice, bob] = [kernel.getRootObject('v1'), kernel.getRootObject('v2')];
  state.atomically(() =>
    queue.sendFromOutside(alice, { methargs: { body: '#["give",["$0"]]', slots: [bob] } }),
  );
  await kernel.run();
};

/** alice (v1) has given bob (v2) what she has. */
const start = async (): Promise<ScriptedKernel> => {
  const scripted = await startScripted({ vats: { alice: { code: gives }, bob: {} } });
  await scripted.kernel.run();
  await give(scripted);
  return scripted;
};

const krefOf = ({ parts }: ScriptedKernel, vref: VRef) =>
  parts.lifecycle.state.clist(v1).getKRef(vref);

describe('the end of an incarnation', () => {
  it('orphans its ephemeral exports, but not its root and what is durable', async () => {
    const scripted = await start();
    const { state } = scripted.parts.lifecycle;
    const root = krefOf(scripted, 'o+0' as VRef) as ObjectKRef;
    const durable = krefOf(scripted, DURABLE) as ObjectKRef;
    const ephemeral = krefOf(scripted, EPHEMERAL) as ObjectKRef;
    await scripted.kernel.suspendVat('v1');
    expect(krefOf(scripted, EPHEMERAL)).to.equal(undefined);
    expect(state.objects.getOwner(ephemeral)).to.equal(undefined);
    for (const kept of [root, durable]) expect(state.objects.getOwner(kept)).to.equal('v1');
    expect(krefOf(scripted, DURABLE)).to.equal(durable);
  });

  it('rejects the promises that it decides, and no others', async () => {
    const scripted = await start();
    const { state } = scripted.parts.lifecycle;
    const own = krefOf(scripted, 'p+7' as VRef) as PromiseKRef;
    scripted.kernel.kpRegisterInterest(own);
    const other = scripted.kernel.queueToVatRoot('bob', 'ask');
    await scripted.kernel.run();
    await scripted.boot({ platformEpoch: 2, platformRestart: { exempt: ['bob'] } });
    const [alice] = scripted.kernel.getPlatformRestartReport()?.vats ?? [];
    expect(alice).to.deep.include({ promisesRejected: 1, objectsAbandoned: 1, objectsHeld: 1 });
    expect(valueOf(scripted.kernel.kpResolution(own, { incref: false }))).to.deep.equal({
      ...{ name: 'vatUpgraded', upgradeMessage: 'platform epoch 2', incarnationNumber: 0 },
    });
    expect(scripted.kernel.kpStatus(other)).to.equal('unresolved');
    expect(state.promises.exists(own)).to.equal(true);
  });

  it('forgets those promises, so that the next one may count its own from the start', async () => {
    const scripted = await start();
    const { state } = scripted.parts.lifecycle;
    const before = krefOf(scripted, 'p+7' as VRef) as PromiseKRef;
    await scripted.boot({ platformEpoch: 2 });
    expect(krefOf(scripted, 'p+7' as VRef)).to.equal(undefined);
    await give(scripted);
    const after = krefOf(scripted, 'p+7' as VRef) as PromiseKRef;
    expect(after).not.to.equal(before);
    expect(state.promises.getUnresolved(after)).to.include({ decider: 'v1', refCount: 2 });
  });

  it('leaves a promise that the vat has subscribed to until its next incarnation is told', async () => {
    const scripted = await start();
    const watched = krefOf(scripted, 'p+7' as VRef) as PromiseKRef;
    const { state, queue } = scripted.parts.lifecycle;
    state.atomically(() => queue.subscribe(v1, watched));
    await scripted.boot({ platformEpoch: 2, platformRestart: { exempt: ['bob'] } });
    expect(krefOf(scripted, 'p+7' as VRef)).to.equal(watched);
    await scripted.kernel.run();
    expect(scripted.told.at(-1)).to.equal('v1.1 notify');
    expect(krefOf(scripted, 'p+7' as VRef)).to.equal(undefined);
  });
});

describe('the start of an incarnation', () => {
  it('fails without parameters, and says what to pass', async () => {
    const scripted = await start();
    const { kvStore } = scripted.kernelStorage;
    kvStore.delete('v1.vatParameters');
    await scripted.boot({ platformEpoch: 2 });
    const [alice] = scripted.kernel.getPlatformRestartReport()?.vats ?? [];
    expect(alice).to.deep.include({
      result: 'suspended',
      error:
        'v1 is too old to have retained its vatParameters: give them in platformRestart.vatParameters.v1',
    });
  });
});
