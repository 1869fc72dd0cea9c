/** The tree's definition, written without the tree's code: a root from all entries at once. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: (string | Buffer)[]): Buffer => {
  const hasher = createHash('sha256');
  for (const part of parts) hasher.update(part);
  return hasher.digest();
};

interface Entry {
  /** sha256 of the key, as 64 hexadecimal digits: one for each level. */
  readonly path: string;
  readonly leaf: Buffer;
}

const branchOf = (entries: readonly Entry[], depth: number): Buffer => {
  let bitmap = 0;
  const children: Buffer[] = [];
  for (const [index, digit] of [...'0123456789abcdef'].entries()) {
    const below = entries.filter(({ path }) => path[depth] === digit);
    if (below.length > 0) {
      bitmap += 2 ** index;
      children.push(below.length === 1 ? below[0]!.leaf : branchOf(below, depth + 1));
    }
  }
  return sha256(Buffer.from([1, bitmap >> 8, bitmap & 255]), ...children);
};

/** The root in hexadecimal. */
export const rootByDefinition = (entries: ReadonlyMap<string, string>): string =>
  branchOf(
    [...entries].map(([key, value]) => ({
      path: sha256(key).toString('hex'),
      leaf: sha256(Buffer.from([0]), sha256(key), sha256(value)),
    })),
    0,
  ).toString('hex');

/** Keys of which several share the first `digits` digits of their hashes. */
export const crowdedKeys = (digits: number, among: number): string[] => {
  const groups = new Map<string, string[]>();
  for (let i = 0; i < among; i += 1) {
    const start = sha256(`key ${i}`).toString('hex').slice(0, digits);
    groups.set(start, [...(groups.get(start) ?? []), `key ${i}`]);
  }
  return [...groups.values()].filter(group => group.length > 1).flat();
};
