/**
 * Numbered points of a host's life: before and after each write to the store, each savepoint and
 * commit, each start of a worker process and each `startVat`.
 */
import { spawn as nodeSpawn } from 'node:child_process';
import type { SwingsetRuntimeOptions } from '../../../lib/controller/option-types.js';
import type { SwingStore } from '../../../lib/store/swing-store.js';
import type { SlogEntry } from '../../../lib/types/slog.js';

/** Called at each point with its name, which many points share. */
export type Point = (name: string) => void;

type Call = (...args: unknown[]) => unknown;

/** A copy of the object with points around these methods. */
const around = <T extends object>(
  object: T,
  what: string,
  methods: readonly (keyof T & string)[],
  point: Point,
): T => {
  const wrapped = methods.map(method => {
    const call: Call = (...args) => {
      point(`before ${what}.${method}`);
      const after = (): void => point(`after ${what}.${method}`);
      const result = (object[method] as Call)(...args);
      if (!(result instanceof Promise)) {
        after();
        return result;
      }
      return result.then((value: unknown) => {
        after();
        return value;
      });
    };
    return [method, call];
  });
  return { ...object, ...(Object.fromEntries(wrapped) as Partial<T>) };
};

export const withPoints = (
  { kernelStorage, hostStorage }: SwingStore,
  point: Point,
): Pick<SwingStore, 'kernelStorage' | 'hostStorage'> => {
  const { kvStore, transcriptStore, snapStore, bundleStore, imageStore } = kernelStorage;
  const parts = {
    ...kernelStorage,
    kvStore: around(kvStore, 'kvStore', ['set', 'delete'], point),
    transcriptStore: around(
      transcriptStore,
      'transcriptStore',
      [
        ...(['initTranscript', 'addItem', 'rolloverSpan', 'rolloverIncarnation'] as const),
        ...(['stopUsingTranscript', 'deleteVatTranscripts'] as const),
      ],
      point,
    ),
    snapStore: around(
      snapStore,
      'snapStore',
      [
        ...(['saveSnapshot', 'stageSnapshot', 'stopUsingLastSnapshot'] as const),
        ...(['deleteVatSnapshots', 'deleteSnapshotByHash', 'deleteAllUnusedSnapshots'] as const),
      ],
      point,
    ),
    bundleStore: around(bundleStore, 'bundleStore', ['addBundle', 'deleteBundle'], point),
    imageStore: around(imageStore, 'imageStore', ['save'], point),
  };
  return {
    kernelStorage: around(
      parts,
      'kernelStorage',
      [
        ...(['startCrank', 'establishCrankSavepoint', 'rollbackCrank', 'restartCrank'] as const),
        ...(['emitCrankHashes', 'endCrank'] as const),
      ],
      point,
    ),
    hostStorage: around(
      { ...hostStorage, kvStore: around(hostStorage.kvStore, 'host.kvStore', ['set'], point) },
      'hostStorage',
      ['commit'],
      point,
    ),
  };
};

const isStartVat = ({ kd }: SlogEntry): boolean => Array.isArray(kd) && kd[0] === 'startVat';

export const runtimeOptionsWithPoints = (
  point: Point,
): Pick<SwingsetRuntimeOptions, 'slogSender' | 'spawn'> => {
  let starting = false;
  return {
    slogSender: entry => {
      if (entry.type === 'deliver' && isStartVat(entry)) {
        starting = true;
        point('before startVat');
      } else if (entry.type === 'deliver-result' && starting) {
        starting = false;
        point('after startVat');
      }
    },
    spawn: ((command: string, args: readonly string[], options: object) => {
      point('before spawn');
      const child = nodeSpawn(command, args, options);
      point('after spawn');
      return child;
    }) as typeof nodeSpawn,
  };
};
