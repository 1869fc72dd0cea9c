/** Plays the acts of `scenario.js` on this kernel. */
import { loadSwingsetConfigFile } from '../../lib/controller/config-files.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { compileRules } from '../../lib/host/parameter-rules.js';
import { buildTimer } from '../../lib/devices/timer/timer.js';
import type { VatParametersFunction } from '../../lib/platform-epoch/types.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import {
  sourceOf,
  startLife,
  type Life,
  type LifeOptions,
  type RebootOptions,
} from '../support/swingset.js';

const configFile = sourceOf(import.meta.url, 'swingset.json');

/** A host's clock. It goes on when the kernel boots again. */
export const makeClock = () => {
  const timer = buildTimer();
  let now = 0;
  return {
    srcPath: timer.srcPath,
    endowments: timer.endowments,
    advance: (seconds: number) => timer.poll((now += seconds)),
  };
};
type Clock = ReturnType<typeof makeClock>;

export const powersOf = (life: Life, clock: Clock) => ({
  call: (vat: string, method: string, ...args: unknown[]) => life.call(vat, method, ...args),
  passTime: async (seconds: number) => {
    clock.advance(seconds);
    await life.run();
  },
});

const readConfig = async (clock: Clock): Promise<SwingSetConfig> => {
  const config = await loadSwingsetConfigFile(configFile);
  return { ...config, devices: { timer: { sourceSpec: clock.srcPath } } };
};

/** Boots the swingset of `swingset.json` in `path`, new or not, and runs what is queued. */
export const bootMarkets = async (
  path: string,
  clock: Clock,
  { initialization, ...options }: RebootOptions & Pick<LifeOptions, 'initialization'>,
): Promise<Life> => {
  const life = await startLife({
    config: await readConfig(clock),
    store: { path },
    deviceEndowments: { timer: clock.endowments },
    initialization: { addTimer: true, ...initialization },
    ...options,
  });
  await life.run();
  return life;
};

/** The rule for contracts of docs/platform-epochs.md, "Contracts on Zoe". */
export const contractRules = async (path: string): Promise<VatParametersFunction> => {
  const { kernelStorage, hostStorage } = openSwingStore(path, { readOnly: true });
  const bundleID = kernelStorage.kvStore.get('namedBundleID.zcf') as string;
  await hostStorage.close();
  return compileRules([{ bundleID, drop: ['zoeService', 'invitationIssuer'] }]).vatParameters;
};
