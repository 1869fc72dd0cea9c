/** The vat-admin vat on stock liveslots: what it promises to vats, over several incarnations. */
import { readFile } from 'node:fs/promises';
import { kslot, krefOf, kunser } from '@agoric/kmarshal';
import { expect } from 'chai';
import { data } from '../devices/device-harness.js';
import {
  startIncarnation,
  type CapDataLike,
  type RunningVat,
  type SyscallTuple,
} from './vat-admin-harness.js';

const counterID = `b1-${'c'.repeat(128)}`;
const device = kslot('d-70', 'device');
const bundlecap = kslot('d-71', 'device node');

/** Answers by method; what isn't here gives undefined, an Error makes the call fail. */
type Answers = Record<string, unknown>;

interface Outcome {
  /** `[method, ...args]` of each device call. */
  readonly calls: unknown[][];
  /** Settled promises: `[isRejection, value]`. */
  readonly settled: Record<string, [boolean, unknown]>;
}

const outcomeOf = (syscalls: SyscallTuple[]): Outcome => {
  const calls: unknown[][] = [];
  const settled: Outcome['settled'] = {};
  for (const [type, ...rest] of syscalls) {
    if (type === 'callNow') {
      const [, method, args] = rest as [string, string, CapDataLike];
      calls.push([method, ...(kunser(args) as unknown[])]);
    } else if (type === 'resolve') {
      for (const [promise, isRejection, value] of rest[0] as [string, boolean, CapDataLike][]) {
        settled[promise] = [isRejection, kunser(value)];
      }
    }
  }
  return { calls, settled };
};

/** One incarnation, spoken to by method. */
class Life {
  readonly #vat: RunningVat;
  #nextResult = 60;
  constructor(vat: RunningVat) {
    this.#vat = vat;
  }

  /** Sends and gives what happened meanwhile, and the result's promise ID. */
  async tell(target: string, method: string, ...args: unknown[]): Promise<Outcome & { p: string }> {
    const p = `p-${this.#nextResult}`;
    this.#nextResult += 1;
    const outcome = outcomeOf(await this.#vat.send(target, method, harden(args), p));
    return { ...outcome, p };
  }
  /** Sends and gives the value of the answer, which must come at once. */
  async ask(target: string, method: string, ...args: unknown[]): Promise<unknown> {
    const { settled, p } = await this.tell(target, method, ...args);
    const [isRejection, value] = settled[p] ?? [true, 'no answer'];
    if (isRejection) expect.fail(`${method}: ${String(value)}`);
    return value;
  }
  /** Sends and gives the message of the error it is rejected with; the device must not be called. */
  async refusal(target: string, method: string, ...args: unknown[]): Promise<string> {
    const { settled, p } = await this.tell(target, method, ...args);
    const [isRejection, value] = settled[p] ?? [false, 'no answer'];
    if (!isRejection) expect.fail(`${method} was not refused but gave ${String(value)}`);
    return (value as Error).message;
  }
}

const begin = async (store: Map<string, string>, answers: Answers = {}): Promise<Life> => {
  const known: Answers = { getBundleID: counterID, getNamedBundleCap: bundlecap, ...answers };
  const vat = await startIncarnation(store, (_target, method) => {
    const answer = known[method];
    if (answer instanceof Error) return ['error', answer.message];
    if (answer === bundlecap) return ['ok', data('$0.Alleged: device node', 'd-71')];
    const isPlain = typeof answer === 'object' || typeof answer === 'boolean';
    return ['ok', data(isPlain ? answer : (answer ?? '#undefined'))];
  });
  return new Life(vat);
};

const root = 'o+0';

describe('vat-admin', () => {
  let store: Map<string, string>;
  let life: Life;
  let service: string;
  let answers: Answers;

  beforeEach(async () => {
    store = new Map();
    answers = { createByBundleID: 'v7', createMeter: 'm1', createUnlimitedMeter: 'm2' };
    answers.getMeter = { remaining: '+105', threshold: '+7' };
    life = await begin(store, answers);
    service = krefOf(await life.ask(root, 'createVatAdminService', device));
  });

  /** Makes vat v7, as far as the kernel's callback. */
  const createVat = async (options: object = {}): Promise<{ adminNode: string; root: string }> => {
    const { p } = await life.tell(service, 'createVat', bundlecap, options);
    const result = { rootObject: kslot('o-50', 'root') };
    const { settled } = await life.tell(root, 'newVatCallback', 'v7', result);
    const made = settled[p]?.[1] as { adminNode: unknown; root: unknown };
    return { adminNode: krefOf(made.adminNode), root: krefOf(made.root) };
  };

  describe('createVat', () => {
    it('gives the root and an adminNode when the kernel has made the vat', async () => {
      const { calls, settled } = await life.tell(service, 'createVat', bundlecap, { name: 'ctr' });
      expect(calls.map(([method]) => method)).to.deep.equal(['getBundleID', 'createByBundleID']);
      expect(settled).to.deep.equal({});
      expect((await createVat()).root).to.equal('o-50');
    });

    it('takes a name of a bundle, or a whole bundle, as well', async () => {
      const named = await life.tell(service, 'createVatByName', 'counter');
      expect(named.calls.map(([method]) => method)).to.deep.equal([
        'getNamedBundleCap',
        'getBundleID',
        'createByBundleID',
      ]);
      const whole = await life.tell(service, 'createVat', { moduleFormat: 'x' });
      expect(whole.calls.map(([method, bundle]) => [method, bundle])).to.deep.equal([
        ['createByBundle', { moduleFormat: 'x' }],
      ]);
    });

    it('rejects with the reason when the vat fails to start', async () => {
      const { p } = await life.tell(service, 'createVat', bundlecap);
      const { settled } = await life.tell(root, 'vatTerminated', 'v7', true, Error('broken'));
      expect(settled[p]?.[0]).to.equal(true);
      expect((settled[p]?.[1] as Error).message).to.contain('broken');
    });

    it('makes critical vats only for who has the key', async () => {
      const key = await life.ask(root, 'getCriticalVatKey');
      const { calls } = await life.tell(service, 'createVat', bundlecap, { critical: key });
      expect(calls.at(-1)?.[2]).to.include({ critical: true });
      for (const critical of [true, 'please', kslot(service)]) {
        expect(await life.refusal(service, 'createVat', bundlecap, { critical })).to.contain(
          'criticalVatKey',
        );
      }
    });

    it('puts the vat on one of this vat’s meters, also an unlimited one', async () => {
      for (const [method, meterID, ...args] of [
        ['createMeter', 'm1', 100n, 10n],
        ['createUnlimitedMeter', 'm2'],
      ] as const) {
        const meter = await life.ask(service, method, ...args);
        const { calls } = await life.tell(service, 'createVat', bundlecap, { meter });
        expect(calls.at(-1)?.[2]).to.include({ meterID });
      }
      for (const meter of [kslot('o-77', 'meter'), kslot(service), 'm1']) {
        expect(await life.refusal(service, 'createVat', bundlecap, { meter })).to.contain('meter');
      }
    });

    const refused: [string, unknown, object?][] = [
      ['an unknown option', bundlecap, { bogus: 1 }],
      ['an invalid reapInterval', bundlecap, { reapInterval: 'x' }],
      ['a reapInterval below 0', bundlecap, { reapInterval: -1 }],
      ['an unknown managerType', bundlecap, { managerType: 'x' }],
      ['a name that is no string', bundlecap, { name: 7 }],
      ['a bundleID instead of a bundlecap', counterID],
      ['a record that is no bundle', { some: 'thing' }],
    ];
    for (const [what, code, options] of refused) {
      it(`refuses ${what}`, async () => {
        const { calls, settled, p } = await life.tell(service, 'createVat', code, options ?? {});
        expect(settled[p]?.[0]).to.equal(true);
        expect(calls).to.deep.equal([]);
      });
    }
  });

  describe('an adminNode', () => {
    it('tells all who wait how the vat ended', async () => {
      const { adminNode } = await createVat();
      const { p: one } = await life.tell(adminNode, 'done');
      const { p: two } = await life.tell(adminNode, 'done');
      const { settled } = await life.tell(root, 'vatTerminated', 'v7', false, 'bye');
      expect(settled).to.deep.include({ [one]: [false, 'bye'], [two]: [false, 'bye'] });
    });

    it('rejects done() with the reason of a failure', async () => {
      const { adminNode } = await createVat();
      const { p } = await life.tell(adminNode, 'done');
      const { settled } = await life.tell(root, 'vatTerminated', 'v7', true, 'out of fuel');
      expect(settled[p]).to.deep.equal([true, 'out of fuel']);
    });

    it('refuses everything once the vat has ended, and is forgotten', async () => {
      const { adminNode } = await createVat();
      await life.tell(root, 'vatTerminated', 'v7', false, 'bye');
      for (const method of ['done', 'suspend', 'resume', 'pause', 'unpause']) {
        expect(await life.refusal(adminNode, method)).to.contain('v7');
      }
      expect(await life.refusal(adminNode, 'upgrade', bundlecap)).to.contain('v7');
      expect([...store.keys()].filter(key => key.endsWith('sv7'))).to.deep.equal([]);
    });

    it('upgrades, and tells the incarnation number', async () => {
      answers.upgradeVat = 'up1';
      life = await begin(store, { ...answers, hasVat: true });
      const { adminNode } = await createVat();
      const { p, calls } = await life.tell(adminNode, 'upgrade', bundlecap, {
        vatParameters: { x: 1 },
      });
      expect(calls.at(-1)).to.deep.equal(['upgradeVat', 'v7', counterID, { x: 1 }, 'vat upgraded']);
      const { settled } = await life.tell(root, 'vatUpgradeCallback', 'up1', true, undefined, 3);
      expect(settled[p]).to.deep.equal([false, { incarnationNumber: 3 }]);
    });

    it('rejects a failed upgrade with the kernel’s error', async () => {
      life = await begin(store, { ...answers, upgradeVat: 'up1' });
      const { adminNode } = await createVat();
      const { p } = await life.tell(adminNode, 'upgrade', bundlecap);
      const { settled } = await life.tell(root, 'vatUpgradeCallback', 'up1', false, Error('no'));
      expect((settled[p]?.[1] as Error).message).to.equal('no');
    });

    it('refuses options it does not know', async () => {
      const { adminNode } = await createVat();
      expect(await life.refusal(adminNode, 'upgrade', bundlecap, { nonsense: 1 })).to.contain(
        'nonsense',
      );
      expect(await life.refusal(adminNode, 'changeOptions', { bogus: 1 })).to.contain('bogus');
      expect(await life.refusal(adminNode, 'changeOptions', { reapInterval: -1 })).to.contain(
        'reapInterval',
      );
    });

    it('suspends, resumes, pauses and unpauses through the device', async () => {
      const { adminNode } = await createVat();
      for (const method of ['suspend', 'resume', 'pause', 'unpause']) {
        expect((await life.tell(adminNode, method)).calls).to.deep.equal([[`${method}Vat`, 'v7']]);
      }
    });
  });

  describe('a meter', () => {
    it('is refilled and read through the device, in bigints', async () => {
      const meter = krefOf(await life.ask(service, 'createMeter', 100n, 10n));
      expect((await life.tell(meter, 'addRemaining', 5n)).calls).to.deep.equal([
        ['addMeterRemaining', 'm1', 5n],
      ]);
      expect(await life.ask(meter, 'get')).to.deep.equal({ remaining: 105n, threshold: 7n });
      expect((await life.tell(meter, 'addRemaining', 5)).calls).to.deep.equal([
        ['addMeterRemaining', 'm1', 5n],
      ]);
      expect(await life.refusal(meter, 'addRemaining', 0.5)).to.contain('0.5 is not');
      expect(await life.refusal(meter, 'setThreshold', -5n)).to.contain('negative');
      expect(await life.refusal(service, 'createMeter', '100', 10n)).to.contain('bigint');
    });

    it('notifies all who wait when it falls below its threshold', async () => {
      const meter = krefOf(await life.ask(service, 'createMeter', 100n, 10n));
      const notifier = krefOf(await life.ask(meter, 'getNotifier'));
      expect(krefOf(await life.ask(meter, 'getNotifier'))).to.equal(notifier);
      const first = await life.ask(notifier, 'getUpdateSince');
      expect(first).to.deep.equal({ value: 105n, updateCount: 1n });
      const { p: one } = await life.tell(notifier, 'getUpdateSince', 1n);
      const { p: two } = await life.tell(notifier, 'getUpdateSince', 1n);
      const { settled } = await life.tell(root, 'meterCrossedThreshold', 'm1', 6n);
      const update = { value: 6n, updateCount: 2n };
      expect(settled).to.deep.include({ [one]: [false, update], [two]: [false, update] });
      expect(await life.ask(notifier, 'getUpdateSince', 1n)).to.deep.equal(update);
    });

    it('notifies across incarnations', async () => {
      const meter = krefOf(await life.ask(service, 'createMeter', 100n, 10n));
      const notifier = krefOf(await life.ask(meter, 'getNotifier'));
      life = await begin(store, answers);
      const { p } = await life.tell(notifier, 'getUpdateSince', 1n);
      const { settled } = await life.tell(root, 'meterCrossedThreshold', 'm1', 6n);
      expect(settled[p]).to.deep.equal([false, { value: 6n, updateCount: 2n }]);
    });

    it('may cross without anybody who listens', async () => {
      await life.ask(service, 'createMeter', 100n, 10n);
      expect(await life.ask(root, 'meterCrossedThreshold', 'm1', 6n)).to.equal(undefined);
    });
  });

  describe('bundlecaps', () => {
    it('are there at once for a bundle that is installed', async () => {
      life = await begin(store, { ...answers, getBundleCap: bundlecap });
      for (const method of ['getBundleCap', 'waitForBundleCap']) {
        expect(krefOf(await life.ask(service, method, counterID))).to.equal('d-71');
      }
    });

    it('reach all who wait for a bundle when it is installed', async () => {
      const installed: Answers = { ...answers };
      const late = await startIncarnation(store, (_target, method) =>
        method === 'getBundleCap' && installed.here
          ? ['ok', data('$0.Alleged: device node', 'd-71')]
          : ['ok', data('#undefined')],
      );
      life = new Life(late);
      const { p: one } = await life.tell(service, 'waitForBundleCap', counterID);
      const { p: two } = await life.tell(service, 'waitForBundleCap', counterID);
      installed.here = true;
      const { settled } = await life.tell(root, 'bundleInstalled', counterID);
      expect([one, two].map(p => krefOf(settled[p]?.[1]))).to.deep.equal(['d-71', 'd-71']);
    });

    it('are refused for a bundle that is not installed', async () => {
      expect(await life.refusal(service, 'getBundleCap', counterID)).to.contain(
        'not yet installed',
      );
    });
  });

  describe('a pause of its service', () => {
    const cancelled = 'shutdown cancelled';
    const refused = 'service not available, try again later';

    it('is answered at once while nothing is under way', async () => {
      await createVat();
      expect(await life.ask(root, 'pauseService')).to.equal(true);
      expect(await life.ask(root, 'pauseService'), 'twice').to.equal(true);
    });

    it('refuses new work, and no other, until the service resumes', async () => {
      const { adminNode } = await createVat();
      await life.ask(root, 'pauseService');
      const calls: readonly [target: string, method: string, ...args: unknown[]][] = [
        [service, 'createVat', bundlecap],
        [service, 'createVatByName', 'counter'],
        [service, 'waitForBundleCap', counterID],
        [adminNode, 'terminateWithFailure', Error('enough')],
        [adminNode, 'upgrade', bundlecap],
        [adminNode, 'changeOptions', { reapInterval: 5 }],
      ];
      for (const [target, method, ...args] of calls) {
        expect(await life.refusal(target, method, ...args), method).to.equal(refused);
      }
      expect((await life.tell(adminNode, 'suspend')).calls).to.deep.equal([['suspendVat', 'v7']]);
      await life.ask(service, 'createMeter', 100n, 7n);

      await life.ask(root, 'resumeService');
      for (const [target, method, ...args] of calls) {
        const { p, settled } = await life.tell(target, method, ...args);
        if (settled[p]) expect(settled[p], method).to.deep.equal([false, undefined]);
      }
    });

    const begun: readonly [string, () => Promise<void>, () => Promise<Outcome>][] = [
      [
        'the creation of a vat',
        async () => void (await life.tell(service, 'createVat', bundlecap)),
        () => life.tell(root, 'newVatCallback', 'v7', { rootObject: kslot('o-50', 'root') }),
      ],
      [
        'the creation of a vat that fails',
        async () => void (await life.tell(service, 'createVat', bundlecap)),
        () => life.tell(root, 'newVatCallback', 'v7', { error: Error('no good') }),
      ],
      [
        'an upgrade',
        async () => {
          life = await begin(store, { ...answers, upgradeVat: 'up1', hasVat: true });
          await life.tell((await createVat()).adminNode, 'upgrade', bundlecap);
        },
        () => life.tell(root, 'vatUpgradeCallback', 'up1', false, Error('no')),
      ],
      [
        'the end of a vat',
        async () => {
          const { adminNode } = await createVat();
          await life.tell(adminNode, 'terminateWithFailure', Error('enough'));
        },
        () => life.tell(root, 'vatTerminated', 'v7', true, Error('enough')),
      ],
      [
        'the wait for a bundle',
        async () => {
          const undone: Answers = { ...answers, getBundleCap: undefined };
          life = await begin(store, undone);
          await life.tell(service, 'waitForBundleCap', counterID);
        },
        () => life.tell(root, 'bundleInstalled', counterID),
      ],
    ];
    for (const [what, beginIt, endIt] of begun) {
      it(`waits for ${what}`, async () => {
        await beginIt();
        const { p, settled } = await life.tell(root, 'pauseService');
        expect(settled).to.not.have.property(p);
        expect((await endIt()).settled[p]).to.deep.equal([false, true]);
      });
    }

    it('that waits is told when it is cancelled, and can be asked for again', async () => {
      await life.tell(service, 'createVat', bundlecap);
      const { p } = await life.tell(root, 'pauseService');
      const { settled } = await life.tell(root, 'resumeService');
      expect((settled[p]?.[1] as Error).message).to.equal(cancelled);
      expect((await life.tell(root, 'resumeService')).settled).to.not.have.property(p);
      const again = await life.tell(root, 'pauseService');
      expect(again.settled).to.not.have.property(again.p);
    });

    it('ends with the incarnation', async () => {
      await life.ask(root, 'pauseService');
      life = await begin(store, answers);
      const { calls } = await life.tell(service, 'createVat', bundlecap);
      expect(calls.map(([method]) => method)).to.include('createByBundleID');
    });
  });

  describe('a new incarnation', () => {
    it('gives the same service, to the holder of the same device', async () => {
      life = await begin(store, answers);
      expect(krefOf(await life.ask(root, 'createVatAdminService', device))).to.equal(service);
      const other = kslot('d-72', 'device');
      expect(await life.refusal(root, 'createVatAdminService', other)).to.contain('one');
    });

    it('goes on with the vats of the one before, also if the notice of an end is under way', async () => {
      const { adminNode } = await createVat();
      life = await begin(store, { ...answers, hasVat: false });
      const { p, calls, settled: before } = await life.tell(adminNode, 'done');
      expect({ calls, before }).to.deep.equal({ calls: [], before: {} });
      const { settled } = await life.tell(root, 'vatTerminated', 'v7', false, 'bye');
      expect(settled[p]).to.deep.equal([false, 'bye']);
    });

    it('takes callbacks for what an earlier one began', async () => {
      await life.ask(root, 'vatUpgradeCallback', 'up9', true, undefined, 1);
      await life.ask(root, 'bundleInstalled', counterID);
      await life.ask(root, 'vatTerminated', 'v7', true, 'gone');
    });

    it('ends a vat whose creator was told that nothing came of it, unless it is critical', async () => {
      const result = { rootObject: kslot('o-50', 'root') };
      await life.tell(service, 'createVat', bundlecap);
      life = await begin(store, answers);
      const { calls } = await life.tell(root, 'newVatCallback', 'v7', result);
      expect(calls.map(([method, vatID]) => [method, vatID])).to.deep.equal([
        ['terminateWithFailure', 'v7'],
      ]);
      await life.ask(root, 'vatTerminated', 'v7', true, 'gone');

      const critical = kslot(krefOf(await life.ask(root, 'getCriticalVatKey')));
      await life.tell(service, 'createVat', bundlecap, { critical });
      life = await begin(store, answers);
      expect((await life.tell(root, 'newVatCallback', 'v7', result)).calls).to.deep.equal([]);
    });
  });

  describe('after SwingSet’s', () => {
    // exported there: criticalVatKey o+d10/1, meter m3 o+d11/2, adminNode of v7 o+d13/2
    const [key, meter, adminNode] = ['o+d10/1', 'o+d11/2', 'o+d13/2'] as const;

    beforeEach(async () => {
      const url = new URL('vat-admin-swingset-state.jsonl', import.meta.url);
      const lines = (await readFile(url, 'utf8')).split('\n').filter(line => line);
      store = new Map(lines.map((line): [string, string] => JSON.parse(line) as never));
      life = await begin(store, { ...answers, hasVat: true });
      service = 'o+d14/1';
    });

    it('serves what that one exported', async () => {
      expect(krefOf(await life.ask(root, 'createVatAdminService', device))).to.equal(service);
      expect((await life.tell(adminNode, 'terminateWithFailure', 'why')).calls).to.deep.equal([
        ['hasVat', 'v7'],
        ['terminateWithFailure', 'v7', 'why'],
      ]);
      expect(await life.ask(meter, 'get')).to.deep.equal({ remaining: 105n, threshold: 7n });
      const notifier = krefOf(await life.ask(meter, 'getNotifier'));
      expect(await life.ask(notifier, 'getUpdateSince')).to.include({ updateCount: 1n });
    });

    it('knows its meters and its key', async () => {
      const { calls } = await life.tell(service, 'createVat', bundlecap, {
        critical: kslot(key),
        meter: kslot(meter),
      });
      expect(calls.at(-1)?.[2]).to.include({ critical: true, meterID: 'm3' });
    });

    it('notices that a vat that SwingSet did not forget is gone', async () => {
      life = await begin(store, { ...answers, hasVat: false });
      expect((await life.tell(adminNode, 'done')).settled['p-60']?.[0]).to.equal(true);
    });
  });
});
