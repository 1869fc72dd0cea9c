/** What an operator's actions check, and what they do to a kernel whose vats are functions. */
import { expect } from 'chai';
import type { SwingsetController } from '../../../lib/controller/types.js';
import type { DirectAction } from '../../../lib/host/operator-actions/actions.js';
import { performAction, queueUpgrade } from '../../../lib/host/operator-actions/perform.js';
import { reportQueue } from '../../../lib/host/operator-actions/queue-report.js';
import { eventsAt } from '../../../lib/kernel/cranks/drop-event.js';
import { KernelState } from '../../../lib/state/kernel-state.js';
import { parseVatID, type VatID } from '../../../lib/types/ids.js';
import { errorOf } from '../../controller/support.js';
import {
  codeID,
  failsLater,
  methodOf,
  startScripted,
  type Code,
} from '../../support/scripted-kernel.js';

/** vatAdmin (v1), alice (v2) and the critical carol (v3), who have started. */
const start = async (alice: Code = () => undefined) => {
  const heard: unknown[] = [];
  const listens: Code = turn => {
    if (turn.delivery[0] === 'message') heard.push(methodOf(turn.delivery));
    return alice(turn);
  };
  const { kernel, kernelStorage, idOf, code } = await startScripted({
    vats: { vatAdmin: {}, alice: { code: listens }, carol: { options: { critical: true } } },
  });
  await kernel.run();
  const readKernel = () => new KernelState(kernelStorage);
  // The actions use the calls of the kernel alone.
  const ports = { controller: kernel as unknown as SwingsetController, readKernel };
  return {
    kernel,
    code,
    heard,
    idOf,
    ports,
    say: (method: string) => kernel.queueToVatRoot('alice', method),
    perform: (action: DirectAction) => performAction(ports, action),
    refusal: async (action: DirectAction) => {
      const { code: reason, message } = await errorOf(() => performAction(ports, action));
      return `${reason}: ${message}`;
    },
    serviceOf: (vatID: VatID) => readKernel().services.get(vatID),
    left: () => reportQueue(readKernel()),
    waiting: (vatID: VatID) => eventsAt(readKernel(), vatID),
  };
};

const v2 = parseVatID('v2');

describe('the actions of an operator', () => {
  it('suspend a vat and resume it, which then gets what waited', async () => {
    const { kernel, heard, say, perform, refusal, serviceOf, left } = await start();
    await perform({ action: 'suspend', vatID: v2 });
    expect(serviceOf(v2)).to.deep.include({ type: 'held', by: 'host' });
    expect(await refusal({ action: 'suspend', vatID: v2 })).to.match(
      /^VAT_STATE: v2 is suspended already, since crank \d+$/,
    );
    say('one');
    say('two');
    expect(left()).to.deep.equal({
      queued: 2,
      queuedByVat: { v2: 2 },
      waiting: 0,
      waitingByVat: {},
    });
    await kernel.run();
    expect(left()).to.deep.equal({
      queued: 0,
      queuedByVat: {},
      waiting: 2,
      waitingByVat: { v2: 2 },
    });
    await perform({ action: 'resume', vatID: v2 });
    expect(serviceOf(v2)).to.deep.equal({ type: 'in-service' });
    expect(heard, 'resume delivers nothing by itself').to.deep.equal([]);
    expect(await refusal({ action: 'resume', vatID: v2 })).to.equal(
      'VAT_STATE: v2 is in service: there is nothing to resume',
    );
    await kernel.run();
    expect(heard).to.deep.equal(['one', 'two']);
  });

  it('resume a paused vat', async () => {
    const { kernel, perform, serviceOf } = await start();
    kernel.pauseVat(v2);
    await perform({ action: 'resume', vatID: v2 });
    expect(serviceOf(v2)).to.deep.equal({ type: 'in-service' });
  });

  it('keep the error of a vat that can not start', async () => {
    const { perform, refusal, serviceOf } = await start(failsLater);
    await perform({ action: 'suspend', vatID: v2 });
    expect(await refusal({ action: 'resume', vatID: v2 })).to.match(
      /^VAT_STATE: v2 could not start: .*one life is enough/,
    );
    expect(serviceOf(v2)).to.deep.include({ type: 'failed' });
  });

  it('drop the poison, and no other event', async () => {
    const { kernel, heard, say, perform, refusal, waiting } = await start();
    await perform({ action: 'suspend', vatID: v2 });
    for (const method of ['one', 'poison', 'three']) say(method);
    await kernel.run();
    const [first, poison] = waiting(v2);
    if (!first || !poison) expect.fail('nothing waits');
    expect(await refusal({ action: 'drop', vatID: v2, index: 1, event: first })).to.match(
      /^BAD_OPTION: the event at position 1 is another one now/,
    );
    await perform({ action: 'drop', vatID: v2, index: 1, event: poison });
    await perform({ action: 'resume', vatID: v2 });
    await kernel.run();
    expect(heard).to.deep.equal(['one', 'three']);
  });

  it('end a vat, but no vat that the kernel needs, and none that has ended', async () => {
    const { kernel, idOf, perform, refusal, left } = await start();
    expect(await refusal({ action: 'terminate', vatID: idOf('carol') })).to.equal(
      'VAT_STATE: v3 is critical: its end would stop the kernel',
    );
    expect(await refusal({ action: 'terminate', vatID: idOf('vatAdmin') })).to.match(
      /^VAT_STATE: v1 is vat-admin/,
    );
    expect(left().queued).to.equal(0);
    await perform({ action: 'terminate', vatID: v2 });
    await kernel.run();
    expect(kernel.getStatus().activeVats.map(({ id }) => id)).to.deep.equal(['v1', 'v3']);
    for (const action of ['suspend', 'resume', 'restart', 'terminate'] as const) {
      expect(await refusal({ action, vatID: v2 })).to.equal('VAT_STATE: v2 does not exist');
    }
  });

  it('restart a vat at once; parameters that are no data are refused', async () => {
    const { kernel, heard, say, perform, refusal, ports } = await start();
    say('one');
    await perform({ action: 'restart', vatID: v2, parameters: { limit: 10 } });
    expect(heard).to.deep.equal([]);
    expect(ports.readKernel().vats.getParameters(v2)?.body).to.equal('#{"limit":10}');
    const odd = { limit: { '@bigint': 'many' } };
    expect(await refusal({ action: 'restart', vatID: v2, parameters: odd })).to.match(
      /^BAD_OPTION: parameters: expected JSON, with references/,
    );
    await kernel.run();
    expect(heard).to.deep.equal(['one']);
  });

  it('queue no upgrade to code that is not installed, nor of a vat that has ended', async () => {
    const { kernel, ports, perform, left } = await start();
    const upgrade = () =>
      errorOf(async () =>
        queueUpgrade(ports, { action: 'upgrade', vatID: v2, bundleID: codeID('none') }),
      );
    expect((await upgrade()).code).to.equal('BAD_OPTION');
    await perform({ action: 'terminate', vatID: v2 });
    await kernel.run();
    expect((await upgrade()).message).to.equal('v2 does not exist');
    expect(left().queued).to.equal(0);
  });
});
