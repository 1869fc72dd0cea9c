/** Uses a damaged store as operators and hosts do, and says what came of it. */
import { rmSync } from 'node:fs';
import { kernelChecks } from '../../../lib/cli/store-checks.js';
import { SwingsetError } from '../../../lib/errors.js';
import { BadPlatformEpochError } from '../../../lib/platform-epoch/errors.js';
import { verifyStore } from '../../../lib/store/verify.js';
import { bootAndLook, copyStore } from '../../platform-epoch/support/crash.js';
import { inflict, type Damage } from './damages.js';
import type { Scene } from './scenes.js';

export interface Job {
  readonly scene: Scene;
  readonly damage: Damage;
  /** For the copy; nothing is there. */
  readonly path: string;
}

interface Failure {
  /** Undefined if the error is not one of ours. */
  readonly code: string | undefined;
  readonly text: string;
}

export interface Examination {
  /** What `store verify` found. */
  readonly problems: readonly string[];
  readonly failures: readonly Failure[];
  /** Hashes of what the host's work came to. Undefined if it failed. */
  readonly outcome: string | undefined;
}

/** Tables that need not be equal: a cache, and what is not yet told. */
const LOCAL_TABLES = new Set(['platformImages', 'pendingExports', 'rowChecksum']);

const describe = (error: unknown): Failure => {
  if (error instanceof SwingsetError || error instanceof BadPlatformEpochError) {
    return { code: error.code, text: error.message };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  // The hashes of the tables read the file without the store.
  const { code } = error as { code?: string };
  const isOurs = code?.startsWith('SQLITE_CORRUPT') === true && text.includes('hashTables');
  return { code: isOurs ? code : undefined, text };
};

const unhandled: unknown[] = [];
process.on('unhandledRejection', reason => void unhandled.push(reason));

/**
 * A local vat's own unhandled rejections come to this process as well. Of those that liveslots throws,
 * the stack may have only what it runs in.
 */
const isOfKernel = ({ text }: Failure): boolean =>
  !/swingset-liveslots|platform-epoch\/vats|workers\/gc-tools/.test(text);

/** Whatever is not handled is a fault, with a code or without. */
const withoutCode = ({ text }: Failure): Failure => ({ code: undefined, text });

export const examine = async ({ scene, damage, path }: Job): Promise<Examination> => {
  const failures: Failure[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push(describe(error));
      return undefined;
    }
  };
  // A case that ended its process has left its copy.
  rmSync(path, { recursive: true, force: true });
  copyStore(scene.path, path);
  try {
    inflict(path, damage);
    const report = await attempt(() => verifyStore(path, { checks: kernelChecks }));
    const outcome = await attempt(() => bootAndLook({ path, ...scene.boot }));
    await new Promise(setImmediate);
    failures.push(...unhandled.splice(0).map(describe).filter(isOfKernel).map(withoutCode));
    return {
      problems:
        report?.problems.map(({ kind, thing, detail }) => `${kind} ${thing}: ${detail}`) ?? [],
      failures,
      outcome:
        outcome &&
        JSON.stringify({
          ...outcome,
          tables: Object.entries(outcome.tables).filter(([table]) => !LOCAL_TABLES.has(table)),
        }),
    };
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
};
