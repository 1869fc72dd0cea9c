/** A swingset of the demo vats, on either worker type. */
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import { sourceOf, startLife, type Life, type LifeOptions } from '../../support/swingset.js';

const source = (name: string) => ({
  sourceSpec: sourceOf(import.meta.url, `../vats/demo/${name}.js`),
});

export interface Demo extends Life {
  /** A method of the bootstrap vat, which drives the others. */
  readonly host: (method: string, ...args: unknown[]) => Promise<unknown>;
}

/** `host` (bootstrap), `alice` and `bob` (contracts), a bundle named `contract`, and what is given. */
export const demoConfig = (given: SwingSetConfig = {}): SwingSetConfig => ({
  bootstrap: 'host',
  pinBootstrapRoot: true,
  ...given,
  vats: {
    host: source('host'),
    alice: { ...source('contract'), parameters: { who: 'alice' } },
    bob: { ...source('contract'), parameters: { who: 'bob' } },
    ...given.vats,
  },
  bundles: { contract: source('contract'), ...given.bundles },
});

/** Boots the swingset of `demoConfig` and runs its bootstrap. */
export const startDemo = async (
  worker: ManagerType,
  options: Partial<LifeOptions> = {},
): Promise<Demo> => {
  const { config, ...rest } = options;
  const life = await startLife({ worker, config: demoConfig(config), ...rest });
  await life.run();
  // The life's own getters (controller, store) change with each reboot: keep them getters.
  return Object.create(life, {
    host: { value: (method: string, ...args: unknown[]) => life.call('host', method, ...args) },
  }) as Demo;
};
