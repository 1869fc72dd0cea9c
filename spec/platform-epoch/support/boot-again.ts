/** A host that boots at the epoch that its store has, again and again. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import { makeNodeWorkerPowers } from '../../../lib/platform/node-powers.js';
import { STORE_FILES } from '../../../lib/store/schema.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import type { PlatformEpoch } from '../../../lib/types/platform-epoch.js';
import { silent } from '../../controller/support.js';

export interface BootAgainOptions {
  readonly path: string;
  readonly platformEpoch: PlatformEpoch;
  readonly boots: number;
  /** The size of the preload set. */
  readonly maxVatsOnline: number;
}

export interface BootsAgain {
  /** Rows that any of the boots inserted, changed or deleted. */
  readonly changes: number;
  /** The different contents of the store's files before, between and after the boots. */
  readonly contents: number;
  /** The vats that each boot brought online, without repetitions. */
  readonly online: readonly string[];
  /** Processes of the boot that started the most. */
  readonly mostProcesses: number;
}

const hashFiles = (path: string): string => {
  const hash = createHash('sha256');
  for (const name of STORE_FILES) {
    const file = `${path}/${name}`;
    // The index of the journal is no content: SQLite rebuilds it.
    if (!name.endsWith('-shm') && existsSync(file)) hash.update(name).update(readFileSync(file));
  }
  return hash.digest('hex');
};

export const bootAgain = async ({
  path,
  platformEpoch,
  boots,
  maxVatsOnline,
}: BootAgainOptions): Promise<BootsAgain> => {
  const { spawn } = makeNodeWorkerPowers();
  const contents = new Set([hashFiles(path)]);
  const online = new Set<string>();
  let changes = 0;
  let mostProcesses = 0;
  for (let boot = 1; boot <= boots; boot += 1) {
    let processes = 0;
    const started: unknown[] = [];
    const store = openSwingStore(path);
    const controller = await makeSwingsetController({
      kernelStorage: store.kernelStorage,
      platformEpoch,
      console: silent,
      warehousePolicy: { maxVatsOnline },
      spawn: ((...args: Parameters<typeof spawn>) => {
        processes += 1;
        return spawn(...args);
      }) as typeof spawn,
      slogSender: ({ type, vatID }) => {
        if (type === 'vat-startup-start') started.push(vatID);
      },
    });
    await store.hostStorage.commit();
    const sql = store.debug.getDatabase().prepare('SELECT total_changes()');
    changes += sql.pluck().get() as number;
    await controller.shutdown();
    await store.hostStorage.close();
    contents.add(hashFiles(path));
    online.add(started.join(' '));
    mostProcesses = Math.max(mostProcesses, processes);
  }
  return { changes, contents: contents.size, online: [...online], mostProcesses };
};
