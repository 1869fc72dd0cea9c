/** Fixtures of the platform-epoch specs: vats to restart, and hashes of the whole store. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type Database from 'better-sqlite3';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { VatRestartResult } from '../../../lib/platform-epoch/types.js';
import { CHECKSUM_TABLE } from '../../../lib/store/schema.js';
import type { SwingStore } from '../../../lib/store/swing-store.js';
import { translateError } from '../../../lib/store/translate-error.js';
import type { Life } from '../../support/swingset.js';

const vat = (file: string) => ({
  sourceSpec: fileURLToPath(new URL(`../vats/${file}`, import.meta.url)),
});

export interface ConfigOptions {
  /** Parameters of alice and bob. */
  readonly alice?: Record<string, unknown>;
  readonly bob?: Record<string, unknown>;
  readonly critical?: readonly string[];
  /** Adds the device whose endowment is `{ isOff }`. */
  readonly withSwitch?: boolean;
}

/** boot (v1), vatAdmin (v2), alice (v3), bob (v4); dynamic vats are made of `subject`. */
export const makeConfig = (options: ConfigOptions = {}): SwingSetConfig => {
  const { critical = [], withSwitch } = options;
  const subject = (name: 'alice' | 'bob') => ({
    ...vat('subject.js'),
    parameters: options[name] ?? {},
    creationOptions: { critical: critical.includes(name) },
  });
  return {
    bootstrap: 'boot',
    pinBootstrapRoot: true,
    vats: { boot: vat('boot.js'), alice: subject('alice'), bob: subject('bob') },
    bundles: { subject: vat('subject.js'), mended: vat('mended.js') },
    ...(withSwitch && { devices: { switch: vat('device-switch.js') } }),
  };
};

/** A vat with its own dispatch. */
export const rawVat = {
  ...vat('raw.js'),
  creationOptions: { managerType: 'local', enableSetup: true, useTranscript: false },
} as const;

const rowsOf = (db: Database.Database, table: string): string[] =>
  db
    .prepare<[], unknown[]>(`SELECT * FROM ${table}`)
    .raw()
    .all()
    .map(row =>
      JSON.stringify(row.map(each => (Buffer.isBuffer(each) ? each.toString('hex') : each))),
    )
    .sort();

/**
 * One hash per table of everything in the store, uncommitted changes included.
 *
 * @param withoutLocal leaves out what may differ between replicas
 */
export const hashTables = (
  store: Pick<SwingStore, 'debug'>,
  { withoutLocal = false } = {},
): Record<string, string> => {
  const db = store.debug.getDatabase();
  try {
    return hashesOf(db, withoutLocal);
  } catch (error) {
    // As the store would say it: specs let disks fail.
    throw translateError(error, db.name);
  }
};

const hashesOf = (db: Database.Database, withoutLocal: boolean): Record<string, string> => {
  // The checksum follows from the other tables when the host commits. Most look before that.
  const tables = db
    .prepare<[], [string]>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '${CHECKSUM_TABLE}' ORDER BY name`,
    )
    .raw()
    .all()
    .flat();
  return Object.fromEntries(
    tables.map(table => {
      const hash = createHash('sha256');
      for (const row of rowsOf(db, table)) {
        if (withoutLocal && row.startsWith('["local.')) continue;
        hash.update(row).update('\n');
      }
      return [table, hash.digest('hex')];
    }),
  );
};

/** The entry of one vat in the restart report of the life's last boot. */
export const resultFor = ({ controller }: Life, vatID: string): VatRestartResult => {
  const found = controller.getPlatformRestartReport()?.vats.find(each => each.vatID === vatID);
  if (!found) throw Error(`the report says nothing of ${vatID}`);
  return found;
};

/** The flags of one vat as `getStatus` shows them, or undefined for one that is at work. */
export const suspensionOf = ({ controller }: Life, vatID: string) =>
  controller.getStatus().activeVats.find(({ id }) => id === vatID)?.suspended;

/** Static vats have these vatIDs in `makeConfig`. */
export const vatIDs = { boot: 'v1', vatAdmin: 'v2', alice: 'v3', bob: 'v4' } as const;

export const disconnection = (epoch: string | number, incarnationNumber: number) => ({
  name: 'vatUpgraded',
  upgradeMessage: `platform epoch ${epoch}`,
  incarnationNumber,
});
