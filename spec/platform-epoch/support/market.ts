/** The swingset of `examples/contracts`, whose shops refuse their first parameters on a restart. */
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { CapData } from '../../../lib/types/messages.js';
import { withBundles } from '../../support/shared-bundles.js';
import { sourceOf, startLife, type Life, type LifeOptions } from '../../support/swingset.js';

const vat = (name: string) => ({
  sourceSpec: sourceOf(import.meta.url, `../../../examples/contracts/vats/${name}.js`),
});

/** market (v1), vatAdmin (v2) and till (v3) are static; the shops come after them. */
const config: SwingSetConfig = {
  bootstrap: 'market',
  pinBootstrapRoot: true,
  vats: { market: vat('market'), till: vat('till') },
  bundles: { shop: vat('shop') },
};

export const REFUSAL = 'On restart till must not be in vatParameters';

/** Shops of these names, at 3 apiece, from v4 on; at epoch 1. Each has sold once. */
export const openShops = async (
  names: readonly string[],
  options: Partial<LifeOptions> = {},
): Promise<Life> => {
  const life = await startLife({
    config: await withBundles(config),
    worker: 'local',
    platformEpoch: 1,
    ...options,
  });
  await life.run();
  for (const name of names) await life.call('market', 'open', name, 3);
  for (const name of names) await life.call('market', 'sell', name);
  return life;
};

export const retainedBy = ({ kernelStorage }: Life, vatID: string): CapData =>
  JSON.parse(kernelStorage.kvStore.get(`${vatID}.vatParameters`) ?? '') as CapData;
