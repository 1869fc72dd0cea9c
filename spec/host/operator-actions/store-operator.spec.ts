/** What an operator does to a store that no server runs on. */
import { join } from 'node:path';
import { expect } from 'chai';
import { identity } from '../../../lib/host/block-host/tables/chain.js';
import { lookAtStore } from '../../../lib/host/look-at-store.js';
import type { DirectAction } from '../../../lib/host/operator-actions/actions.js';
import { openOperator } from '../../../lib/host/operator-actions/operator.js';
import type { Operator } from '../../../lib/host/operator-actions/types.js';
import { openSoloHost } from '../../../lib/host/solo-host.js';
import { eventsAt } from '../../../lib/kernel/cranks/drop-event.js';
import { KernelState } from '../../../lib/state/kernel-state.js';
import { initSwingStore } from '../../../lib/store/swing-store.js';
import { parseBundleID, parseVatID, type VatID } from '../../../lib/types/ids.js';
import { errorOf, silent } from '../../controller/support.js';
import { bundleOf } from '../../support/shared-bundles.js';
import { makeTempDir } from '../../support/swingset.js';
import { copyNotes, POISON_POSITION, runAndAsk, sourceOf, summarize, vatOf } from './support.js';

const operate = async <T>(home: string, work: (operator: Operator) => Promise<T>): Promise<T> => {
  const operator = await openOperator({ home });
  try {
    expect(operator.place).to.equal('store');
    return await work(operator);
  } finally {
    await operator.close();
  }
};

const refusalOf = async (operator: Operator, action: DirectAction): Promise<string> => {
  const error = await errorOf(() => operator.perform(action));
  expect(error.code).to.equal('VAT_STATE');
  return error.message;
};

const eventAt = (home: string, vatID: VatID, index: number) =>
  lookAtStore(home, ({ kernelStorage }) => {
    const event = eventsAt(new KernelState(kernelStorage), vatID)[index];
    if (!event) throw Error(`no event ${index}`);
    return event;
  });

describe('an operator without a server', () => {
  it('suspends a vat and brings it back; nothing that is queued runs meanwhile', async () => {
    const { home, idOf } = await copyNotes();
    const before = await vatOf(home, 'open');
    await operate(home, async operator => {
      await operator.perform({ action: 'suspend', vatID: idOf('open') });
      expect(await refusalOf(operator, { action: 'suspend', vatID: idOf('open') })).to.match(
        /^v\d+ is suspended already, since crank \d+$/,
      );
    });
    const held = await vatOf(home, 'open');
    expect(held).to.deep.include({
      state: 'suspended, paused',
      incarnation: (before?.incarnation ?? 0) + 1,
      waiting: 0,
    });
    expect(held?.service).to.deep.include({ type: 'held', by: 'host' });
    expect((await summarize(home)).queued).to.equal(2);
    await operate(home, async operator => {
      await operator.perform({ action: 'resume', vatID: idOf('open') });
      expect(await refusalOf(operator, { action: 'resume', vatID: idOf('open') })).to.match(
        /^v\d+ is in service: there is nothing to resume$/,
      );
    });
    expect(await vatOf(home, 'open')).to.deep.include({ state: 'running', service: null });
    const { answers } = await runAndAsk(home, [['open', 'read']]);
    expect(answers).to.deep.equal([['a', 'b']]);
  });

  it('drops the poison that waits for a vat, and drains the rest', async () => {
    const { home, idOf, kpids } = await copyNotes();
    const vatID = idOf('held');
    const index = POISON_POSITION - 1;
    const [first, poison] = [await eventAt(home, vatID, 0), await eventAt(home, vatID, index)];
    const left = await operate(home, async operator => {
      const other = { action: 'drop', vatID, index, event: first } as const;
      expect((await errorOf(() => operator.perform(other))).code).to.equal('BAD_OPTION');
      await operator.perform({ action: 'drop', vatID, index, event: poison });
      await operator.perform({ action: 'resume', vatID });
      return operator.runBlock();
    });
    expect(left).to.deep.equal({ queued: 0, queuedByVat: {}, waiting: 0, waitingByVat: {} });
    const { answers, results } = await runAndAsk(
      home,
      [
        ['held', 'read'],
        ['open', 'read'],
      ],
      kpids,
    );
    expect(answers).to.deep.equal([
      ['one', 'three'],
      ['a', 'b'],
    ]);
    expect(results.map(({ state }) => state)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(String(results[1]?.value)).to.contain('was dropped by the operator');
  });

  it('says what is left by vat', async () => {
    const { home, idOf } = await copyNotes();
    const left = await operate(home, operator => operator.runBlock());
    expect(left).to.deep.equal({
      queued: 0,
      queuedByVat: {},
      waiting: 3,
      waitingByVat: { [idOf('held')]: 3 },
    });
  });

  it('restarts a vat, with other parameters if they are given', async () => {
    const { home, idOf } = await copyNotes();
    const vatID = idOf('open');
    const before = await vatOf(home, 'open');
    await operate(home, async operator => {
      await operator.perform({ action: 'restart', vatID, parameters: { limit: [10] } });
      const broken = { action: 'restart', vatID, parameters: { broken: true } } as const;
      expect(await refusalOf(operator, broken)).to.match(/could not be restarted: .*on purpose/);
    });
    expect(await vatOf(home, 'open')).to.deep.include({
      state: 'running',
      incarnation: (before?.incarnation ?? 0) + 1,
    });
    expect((await summarize(home)).queued).to.equal(2);
    const { answers } = await runAndAsk(home, [
      ['open', 'read'],
      ['open', 'getParameters'],
    ]);
    expect(answers).to.deep.equal([['a', 'b'], { limit: [10] }]);
  });

  it('upgrades a suspended vat, which then gets what waited for it', async () => {
    const { home, idOf } = await copyNotes();
    const vatID = idOf('held');
    await operate(home, async operator => {
      const bundleID = await operator.installBundle(await bundleOf(sourceOf('vat-notes-v2')));
      const broken = await operator.upgrade({
        action: 'upgrade',
        vatID,
        bundleID,
        parameters: { broken: true },
      });
      expect(broken.status).to.equal('rejected');
      expect(broken.problem).to.contain('vat-upgrade failure');
      expect((await vatOf(home, 'held'))?.state).to.equal('suspended, paused');
      const done = await operator.upgrade({ action: 'upgrade', vatID, bundleID });
      expect(done).to.deep.equal({ kpid: done.kpid, status: 'fulfilled' });
    });
    expect(await vatOf(home, 'held')).to.deep.include({ state: 'running', error: undefined });
    const { answers } = await runAndAsk(home, [
      ['held', 'read'],
      ['held', 'getParameters'],
    ]);
    // It keeps the parameters that it had.
    expect(answers).to.deep.equal([['v2', 'one', 'cured', 'three'], {}]);
  });

  it('refuses to upgrade a dynamic vat, or to code that is not installed', async () => {
    const { home, idOf } = await copyNotes();
    await operate(home, async operator => {
      const bundleID = parseBundleID(`b1-${'0'.repeat(128)}`);
      const upgrade = (name: string) =>
        errorOf(() => operator.upgrade({ action: 'upgrade', vatID: idOf(name), bundleID }));
      expect((await upgrade('helper')).message).to.match(/^v\d+ is a dynamic vat: .*adminNode/);
      expect((await upgrade('open')).message).to.match(
        /^bundleID: expected the ID of an installed/,
      );
    });
  });

  it('ends a vat and runs nothing else; critical vats and vat-admin are refused', async () => {
    const { home, idOf, kpids } = await copyNotes();
    await operate(home, async operator => {
      const end = (vatID: VatID) => refusalOf(operator, { action: 'terminate', vatID });
      expect(await end(idOf('vital'))).to.match(/is critical: its end would stop the kernel$/);
      expect(await end(idOf('vatAdmin'))).to.match(/is vat-admin/);
      await operator.perform({ action: 'terminate', vatID: idOf('held'), reason: 'too old' });
      expect(await end(idOf('held'))).to.match(/^v\d+ does not exist$/);
      expect(await end(parseVatID('v99'))).to.equal('v99 does not exist');
    });
    expect(await vatOf(home, 'held')).to.equal(undefined);
    const { answers, results } = await runAndAsk(home, [['open', 'read']], kpids);
    expect(answers).to.deep.equal([['a', 'b']]);
    expect(results.map(({ state }) => state)).to.deep.equal(['rejected', 'rejected', 'rejected']);
  });

  it('refuses a store that another host has open, and the home of a chain', async () => {
    const { home } = await copyNotes();
    const host = await openSoloHost({ home, runtimeOptions: { console: silent } });
    expect((await errorOf(() => openOperator({ home }))).code).to.equal('STORE_LOCKED');
    await host.close();

    const chainHome = makeTempDir();
    const store = join(chainHome, 'data', 'swingset');
    const { hostStorage } = initSwingStore(store);
    identity.write(hostStorage.kvStore, { chainID: 'spec-chain', initialHeight: 1 });
    await hostStorage.commit();
    await hostStorage.close();
    for (const each of [chainHome, store]) {
      const error = await errorOf(() => openOperator({ home: each }));
      expect(error.code).to.equal('CHAIN_STORE');
      expect(error.message).to.contain('the chain spec-chain').and.contain('chain tx propose');
    }
    expect((await errorOf(() => openOperator({ home: makeTempDir() }))).code).to.equal('NO_CONFIG');
  });
});
