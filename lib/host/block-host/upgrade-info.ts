/** `upgrade-info.json`, as Cosmovisor reads it: it then starts the software of that name. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedUpgrade } from './errors.js';

export const upgradeInfoPath = (home: string): string => join(home, 'data', 'upgrade-info.json');

/** Replaces the file at once, because Cosmovisor may read it at any time. */
export const writeUpgradeInfo = (home: string, { name, height, info }: PlannedUpgrade): void => {
  const path = upgradeInfoPath(home);
  mkdirSync(join(home, 'data'), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify({ name, height, info }));
  renameSync(temporary, path);
};
