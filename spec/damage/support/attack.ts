/** Damages a store in many ways, one after the other, and judges what comes of each. */
import { join } from 'node:path';
import type { DamageCase } from './damages.js';
import type { Examiner } from './examiner.js';
import { judge } from './judge.js';
import type { Scene } from './scenes.js';

export interface Tally {
  /** How many cases of each verdict, for those refused by code. */
  readonly counts: Readonly<Record<string, number>>;
  readonly wrong: readonly string[];
}

export interface AttackOptions {
  readonly examiner: Examiner;
  /** For the copies. */
  readonly dirPath: string;
  readonly scene: Scene;
  readonly cases: readonly DamageCase[];
  readonly onCase?: (done: number) => void;
}

/** @throws if the scene is not sound without any damage */
export const attack = async ({
  examiner,
  dirPath,
  scene,
  cases,
  onCase = () => undefined,
}: AttackOptions): Promise<Tally> => {
  const path = join(dirPath, 'damaged');
  const counts: Record<string, number> = {};
  const wrong: string[] = [];
  const intact = await examiner.examine({ scene, damage: { kind: 'none' }, path });
  if (typeof intact === 'string' || intact.problems.length + intact.failures.length > 0) {
    throw Error(`${scene.name}: not sound before any damage: ${JSON.stringify(intact)}`);
  }
  for (const [index, { what, damage, owner }] of cases.entries()) {
    const found = await examiner.examine({ scene, damage, path });
    let verdict = judge(found, intact.outcome);
    if (verdict.kind === 'wrong' && owner !== undefined) {
      // SQLite takes a journal for the store's own if it has all that it refers to.
      const its = { scene: { ...scene, path: owner }, damage: { kind: 'none' }, path } as const;
      const other = await examiner.examine(its);
      const isThat = typeof other === 'object' && judge(found, other.outcome).kind === 'harmless';
      if (isThat) verdict = { kind: 'another commit' };
    }
    const kind = verdict.kind === 'refused' ? `refused ${verdict.code}` : verdict.kind;
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (verdict.kind === 'wrong') wrong.push(`${scene.name}: ${what}: ${verdict.why}`);
    onCase(index + 1);
  }
  return { counts, wrong };
};
