/**
 * Hides from endo's modules, while they load, the environment variables that decide what can be
 * passed and how it is ordered. `restore.ts` brings them back. See `load.ts`.
 */
export const DECISIVE = ['ONLY_WELL_FORMED_STRINGS_PASSABLE', 'ENDO_RANK_STRINGS'] as const;

export const hidden = new Map<string, string>();

for (const name of DECISIVE) {
  const value = process.env[name];
  if (value === undefined) continue;
  hidden.set(name, value);
  delete process.env[name];
}
