import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { checkKernelState } from '../../lib/state/check-kernel-state.js';
import type { VatID } from '../../lib/types/ids.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import { makeTempDir, startLife, type Life, type RebootOptions } from '../support/swingset.js';
import { makeConfig } from './support/fixture.js';
import { makeOriginal } from './support/swingset-store.js';

const lazily: RebootOptions = { platformEpoch: 1, platformRestart: { mode: 'lazy' } };

interface Abandoned {
  readonly config: SwingSetConfig;
  readonly bob: VatID;
}

/** A store of SwingSet in which bob has no root any more. */
const abandonBob = async (path: string, worker: ManagerType): Promise<Abandoned> => {
  const made = makeConfig();
  // SwingSet's local workers collect garbage when they like: only boot, on xsnap, brings out its dead,
  // so that the transcripts replay.
  const boot = {
    ...made.vats?.boot,
    creationOptions: { managerType: 'xsnap', reapInterval: 1 },
  } as const;
  const config = {
    ...made,
    vats: { ...made.vats, boot },
    defaultManagerType: worker,
    defaultReapInterval: 'never',
  } as const;
  const original = await makeOriginal(path, { config });
  expect(await original.ask('send', 'bob', 'bump')).to.deep.equal([1, 1]);
  await original.ask('forget', 'bob');
  const { kvStore } = original;
  const bob = kvStore.get('vat.name.bob') as VatID;
  expect(kvStore.get(`${bob}.c.o+0`), 'SwingSet has retired it').to.equal(undefined);
  await original.close();
  return { config, bob };
};

const directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-roots-'));
const abandoned = new Map<ManagerType, Promise<Abandoned>>();

/** Our kernel on a copy of such a store. */
const adopt = async (worker: ManagerType, options: RebootOptions = {}) => {
  const original = join(directory, worker);
  const making = abandoned.get(worker) ?? abandonBob(original, worker);
  abandoned.set(worker, making);
  const { config, bob } = await making;
  const path = join(makeTempDir(), 'store');
  cpSync(original, path, { recursive: true });
  const life = await startLife({ config, store: { path }, checkAtEnd: false, ...options });
  return { life, bob };
};

/** What the former host holds is not known here, and SwingSet leaves rows of promises behind. */
const check = (life: Life) => {
  const findings = checkKernelState(life.kernelStorage);
  expect(findings.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
};

/**
 * Under SwingSet a vat's root goes when nobody refers to it. The heap of that incarnation does not
 * have it any more, so that a message to it would end the vat.
 */
describe('a root that SwingSet had retired', () => {
  after(() => rmSync(directory, { recursive: true, force: true }));

  const modes: readonly [ManagerType, RebootOptions][] = [
    ['local', { platformEpoch: 1 }],
    ['xsnap', lazily],
  ];
  for (const [worker, epoch] of modes) {
    it(`rejects messages until its vat's next incarnation (${worker})`, async () => {
      const { life, bob } = await adopt(worker);
      const root = life.controller.pinVatRoot('bob');
      const bumped = life.controller.queueToVatRoot('bob', 'bump');
      await life.run();
      expect(() => life.resultOf(bumped)).to.throw(`${root} is gone: nobody held it`);
      const names = life.controller.getStatus().activeVats.map(({ options }) => options.name);
      expect(names).to.include('bob');
      check(life);

      await life.reboot(epoch);
      check(life);
      expect(await life.call('bob', 'bump')).to.deep.equal([1, 2]);
      expect(life.controller.getRootObject(bob)).to.equal(root);
    });
  }

  it('is there again after a lazy epoch, so that a message to it wakes its vat', async () => {
    const { life } = await adopt('local', lazily);
    check(life);
    expect(await life.call('bob', 'bump')).to.deep.equal([1, 2]);
    check(life);
  });

  it('is there again once its vat is suspended, so that messages to it wait', async () => {
    const { life, bob } = await adopt('local');
    await life.controller.suspendVat(bob);
    const bumped = life.controller.queueToVatRoot('bob', 'bump');
    await life.run();
    expect(life.controller.kpStatus(bumped)).to.equal('unresolved');
    check(life);
    await life.controller.resumeVat(bob);
    await life.run();
    expect(life.resultOf(bumped)).to.deep.equal([1, 2]);
  });
});
