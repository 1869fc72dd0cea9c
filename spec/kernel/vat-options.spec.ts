import { expect } from 'chai';
import { KernelPanicError } from '../../lib/kernel/delivery/errors.js';
import { kser } from '../../lib/kernel/delivery/kmarshal.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { workers } from '../support/workers.js';
import { startDemo, type Demo } from './support/demo.js';
import { failureOf } from '../support/failure.js';

const statusOf = (demo: Demo, name: string) =>
  demo.controller.getStatus().activeVats.find(({ options }) => options.name === name);

const reapsOf = (slog: readonly SlogEntry[], vatID: string | undefined): number =>
  slog.filter(
    ({ type, vatID: at, dispatch }) =>
      type === 'deliver' && at === vatID && dispatch === 'bringOutYourDead',
  ).length;

const errorOfRun = (demo: Demo): Promise<unknown> => failureOf(demo.controller.run());

for (const worker of workers) {
  describe(`options of vats on ${worker}`, () => {
    it('are kept with the vat, and defaults with all others', async () => {
      const demo = await startDemo(worker);
      await demo.host('createVat', 'carol', 'contract', {
        name: 'carol',
        managerType: 'local',
        reapInterval: 3,
        enablePipelining: true,
        useTranscript: false,
      });
      await demo.host('createVat', 'dave', 'contract', { name: 'dave' });
      const kept = ({ workerOptions, ...others }: object & { workerOptions?: unknown }) => ({
        ...others,
        type: (workerOptions as { type: string }).type,
      });
      expect(kept(statusOf(demo, 'carol')?.options ?? {})).to.deep.equal({
        type: 'local',
        name: 'carol',
        enableSetup: false,
        enablePipelining: true,
        enableDisavow: false,
        useTranscript: false,
        reapDirtThreshold: { deliveries: 3 },
        critical: false,
        limits: { table: 1 },
      });
      expect(kept(statusOf(demo, 'dave')?.options ?? {})).to.deep.equal({
        type: worker,
        name: 'dave',
        enableSetup: false,
        enablePipelining: false,
        enableDisavow: false,
        useTranscript: true,
        reapDirtThreshold: {},
        critical: false,
        limits: { table: 1, ...(worker === 'xsnap' && { computrons: 1_000_000_000 }) },
      });
      const carol = statusOf(demo, 'carol')?.id ?? '';
      expect(demo.transcript(carol)).to.deep.equal([]);
    });

    it('change with changeOptions, from the next delivery on', async () => {
      const demo = await startDemo(worker, { config: { defaultReapInterval: 'never' } });
      await demo.host('createVat', 'carol', 'contract', { name: 'carol' });
      const vatID = statusOf(demo, 'carol')?.id;
      const reapsAfter = async (messages: number) => {
        demo.slog.length = 0;
        for (let i = 0; i < messages; i += 1) await demo.host('send', 'carol', 'echo', i);
        return reapsOf(demo.slog, vatID);
      };
      demo.slog.length = 0;
      await demo.host('send', 'carol:admin', 'changeOptions', { reapInterval: 2 });
      expect(statusOf(demo, 'carol')?.options.reapDirtThreshold).to.deep.equal({ deliveries: 2 });
      // It is the kernel's business alone.
      expect(
        demo.slog.filter(({ type, vatID: to }) => type === 'deliver' && to === vatID),
      ).to.deep.equal([]);
      await reapsAfter(1);
      expect(await reapsAfter(4)).to.equal(2);
      for (const never of ['never', 0]) {
        await demo.host('send', 'carol:admin', 'changeOptions', { reapInterval: never });
        await reapsAfter(1);
        expect(await reapsAfter(4)).to.equal(0);
      }
      expect(
        await demo.host('send', 'carol:admin', 'changeOptions', { speed: 9 }),
      ).to.have.property('0', 'rejected');
    });

    it('critical: the kernel panics when the vat fails, and goes on when it ends well', async () => {
      const demo = await startDemo(worker, { checkAtEnd: false });
      await demo.host('keep', 'key', 'vatAdmin', 'getCriticalVatKey');
      await demo.host('createVat', 'calm', 'contract', { name: 'calm', critical: 'key' });
      expect(statusOf(demo, 'calm')?.options.critical).to.equal(true);
      await demo.host('createVat', 'carol', 'contract', { name: 'carol', critical: 'key' });
      const vatID = statusOf(demo, 'carol')?.id;
      demo.controller.queueToVatRoot('host', 'send', ['carol', 'exitWithFailure', 'no more']);
      const error = await errorOfRun(demo);
      expect(error).to.be.instanceOf(KernelPanicError);
      expect(String(error)).to.contain(vatID).and.to.contain('no more');
      let refusal: unknown;
      await demo.hostStorage.commit().catch((reason: unknown) => (refusal = reason));
      expect(refusal).to.have.property('code', 'STORE_USAGE');
    });
  });
}

describe('a critical vat', () => {
  it('panics the kernel when a host or its configuration end it too', async () => {
    const demo = await startDemo('local', {
      checkAtEnd: false,
      config: {
        vats: {
          vital: {
            sourceSpec: new URL('./vats/counter.js', import.meta.url).pathname,
            creationOptions: { critical: true },
          },
        },
      },
    });
    demo.controller.terminateVat(demo.controller.vatNameToID('vital'), kser(Error('by hand')));
    expect(String(await errorOfRun(demo))).to.contain('by hand');
  });
});

describe('a vat with enableSetup', () => {
  it('is local whatever the default, and is refused without a setup function', async () => {
    const demo = await startDemo('local');
    const [status, problem] = (await demo.host('createVat', 'carol', 'contract', {
      enableSetup: true,
      managerType: 'xsnap',
    })) as [string, string];
    expect(status).to.equal('rejected');
    expect(problem).to.contain('vat source bundle lacks (default) setup() function');
    expect(
      demo.slog.find(({ type, dynamic }) => type === 'create-vat' && dynamic === true),
    ).to.include({ managerType: 'local' });
  });
});
