/** The swingset of `swingset.json`, and what its host brings. */
import { fileURLToPath } from 'node:url';
import { loadSwingsetConfigFile } from '../../lib/controller/config-files.js';
import type { SwingSetConfig } from '../../lib/controller/config-types.js';
import { buildTimer } from '../../lib/devices/timer/timer.js';
import { compileRules } from '../../lib/host/parameter-rules.js';
import type { VatParametersFunction } from '../../lib/platform-epoch/types.js';
import { openSwingStore } from '../../lib/store/swing-store.js';

const configFile = fileURLToPath(new URL('swingset.json', import.meta.url));

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
export type Clock = ReturnType<typeof makeClock>;

export const readConfig = async (clock: Clock): Promise<SwingSetConfig> => {
  const config = await loadSwingsetConfigFile(configFile);
  return { ...config, devices: { timer: { sourceSpec: clock.srcPath } } };
};

/** The rule for contracts of docs/platform-epochs.md, "Contracts on Zoe". */
export const contractRules = async (path: string): Promise<VatParametersFunction> => {
  const { kernelStorage, hostStorage } = openSwingStore(path, { readOnly: true });
  const bundleID = kernelStorage.kvStore.get('namedBundleID.zcf') as string;
  await hostStorage.close();
  return compileRules([{ bundleID, drop: ['zoeService', 'invitationIssuer'] }]).vatParameters;
};
