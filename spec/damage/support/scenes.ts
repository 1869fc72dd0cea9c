/** Stores to damage, each with what its host does next. */
import { join } from 'node:path';
import type { ManagerType } from '../../../lib/types/vat-options.js';
import {
  bootAndLook,
  copyStore,
  prepareStore,
  type BootOptions,
} from '../../platform-epoch/support/crash.js';
import { failureOf } from '../../support/failure.js';

export interface Scene {
  readonly name: string;
  /** Never changed: each case has a copy. */
  readonly path: string;
  /** What the host does with the store. */
  readonly boot: Omit<BootOptions, 'path' | 'faultPoint'>;
}

/** Some vats are done, and the checkpoint after them is committed. */
const interrupt = async (path: string): Promise<void> => {
  const faultPoint = (name: string) => {
    if (name === 'platform-restart:started:v5') throw Error('interrupted');
  };
  const boot = { path, platformEpoch: 2, mode: 'eager', withCheckpoint: true } as const;
  await failureOf(bootAndLook({ ...boot, faultPoint }));
};

/** Stores at each stage of the epoch ledger. */
export const makeScenes = async (
  dirPath: string,
  worker: ManagerType,
): Promise<readonly Scene[]> => {
  const at = (name: string) => join(dirPath, name);
  await prepareStore({ path: at('first'), worker, dynamicVats: 3 });
  const eager = { platformEpoch: 2, mode: 'eager' } as const;
  const rolling = { platformEpoch: 2, mode: 'rolling' } as const;
  const settled = copyStore(at('first'), at('settled'));
  await bootAndLook({ path: settled, ...eager });
  const interrupted = copyStore(at('first'), at('interrupted'));
  await interrupt(interrupted);
  const asleep = copyStore(at('first'), at('asleep'));
  await bootAndLook({ path: asleep, ...rolling });
  return [
    { name: 'the same epoch', path: settled, boot: { ...eager, blocks: 2 } },
    { name: 'the next epoch', path: settled, boot: { ...eager, platformEpoch: 3, blocks: 2 } },
    { name: 'a resumed restart', path: interrupted, boot: { ...eager, blocks: 2 } },
    { name: 'a rolling restart', path: asleep, boot: { ...rolling, blocks: 6 } },
  ];
};
