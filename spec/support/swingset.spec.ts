import { expect } from 'chai';
import { sourceOf, startLife } from './swingset.js';

const config = {
  bootstrap: 'bootstrap',
  vats: {
    bootstrap: { sourceSpec: sourceOf(import.meta.url, '../kernel/vats/demo-bootstrap.js') },
  },
  bundles: { counter: { sourceSpec: sourceOf(import.meta.url, '../kernel/vats/counter.js') } },
};

for (const worker of ['local', 'xsnap'] as const) {
  for (const store of ['memory', 'directory'] as const) {
    it(`runs, reboots and restarts a swingset on ${worker}, store in ${store}`, async () => {
      const life = await startLife({ config, worker, store, argv: ['hello'], platformEpoch: 1 });
      await life.run();
      expect(life.resultOf(life.bootstrapResult)).to.deep.equal([['hello'], [1, 6n], [2, 7n]]);
      await life.reboot();
      expect(life.controller.getPlatformRestartReport()).to.equal(undefined);
      await life.reboot({ platformEpoch: 2 });
      expect(life.controller.getPlatformEpoch()).to.equal(2);
    });
  }
}
