import { expect } from 'chai';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import { startXsnapProcess } from '../../lib/platform/xsnap-process.js';

describe('an xsnap process', () => {
  for (const [what, name, shown] of [
    ['as it is', 'v5:price-feed_1.0', 'v5:price-feed_1.0'],
    ['without what ends an argument', 'v5:a\0b\nc d/é', 'v5:a_b_c_d__'],
    ['cut to a length that fits', `v5:${'x'.repeat(200_000)}`, `v5:${'x'.repeat(247)}`],
  ] as const) {
    it(`starts under the name of its vat, ${what}`, async () => {
      const powers = makeNodeWorkerPowers();
      let seen: readonly string[] = [];
      const spawn = ((command: string, args: readonly string[], options: object) => {
        seen = args;
        return powers.spawn(command, args, options);
      }) as typeof powers.spawn;
      const process = await startXsnapProcess({
        powers: { ...powers, spawn },
        name,
        meteringLimit: 0,
      });
      await process.isReady();
      await process.evaluate('1 + 1');
      await process.kill();
      expect(seen[0]).to.equal(shown);
    });
  }
});
