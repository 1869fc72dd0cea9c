import { expect } from 'chai';
import fc from 'fast-check';
import type { Rows } from '../../../../lib/host/block-host/rows.js';
import { prove, verifyProof, type StateProof } from '../../../../lib/host/block-host/tree/proof.js';
import { openStateTree } from '../../../../lib/host/block-host/tree/state-tree.js';
import { initSwingStore } from '../../../../lib/store/swing-store.js';
import { crowdedKeys } from './reference.js';

const treeOf = (entries: Iterable<readonly [string, string]>) => {
  const rows: Rows = initSwingStore(null).hostStorage.kvStore;
  const tree = openStateTree(rows);
  for (const [key, value] of entries) tree.note(key, value);
  return { rows, root: tree.root() };
};

const crowded = crowdedKeys(4, 1500);

describe('proofs of the state tree', () => {
  it('show the value of each key, and the absence of others, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.constantFrom(...crowded), fc.string()), fc.string())),
        fc.array(fc.oneof(fc.constantFrom(...crowded), fc.string()), { maxLength: 10 }),
        (pairs, others) => {
          const entries = new Map(pairs);
          const { rows, root } = treeOf(entries);
          for (const key of [...entries.keys(), ...others]) {
            // As a client gets it.
            const proof = JSON.parse(JSON.stringify(prove(rows, key))) as StateProof;
            const value = entries.get(key) ?? null;
            expect(verifyProof(root, key, value, proof)).to.equal(true);
            const wrong = value === null ? ['', 'x'] : [null, `${value} `];
            for (const other of wrong) {
              expect(verifyProof(root, key, other, proof)).to.equal(false);
            }
            expect(verifyProof(Buffer.alloc(32), key, value, proof)).to.equal(false);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of one key show nothing of another', () => {
    const { rows, root } = treeOf(crowded.map(key => [key, 'v']));
    for (const key of crowded.slice(0, 20)) {
      const proof = prove(rows, key);
      for (const other of [...crowded.slice(20, 60), 'absent']) {
        expect(verifyProof(root, other, 'v', proof)).to.equal(false);
        expect(verifyProof(root, other, null, proof) && crowded.includes(other)).to.equal(false);
      }
    }
  });

  it('that were tampered with show nothing', () => {
    const { rows, root } = treeOf(crowded.map(key => [key, 'v']));
    const key = crowded[0]!;
    const proof = prove(rows, key);
    const last = proof.branches.length - 1;
    expect(last).to.be.greaterThan(1);
    const withBranch = (index: number, changes: Partial<StateProof['branches'][number]>) => ({
      ...proof,
      branches: proof.branches.map((branch, at) =>
        at === index ? { ...branch, ...changes } : branch,
      ),
    });
    const { bitmap, beside } = proof.branches[0]!;
    const flipped = beside.map((text, at) =>
      at === 0 ? `${text.startsWith('0') ? '1' : '0'}${text.slice(1)}` : text,
    );
    const forged: unknown[] = [
      { ...proof, leaf: null },
      { ...proof, leaf: { ...proof.leaf, keyHash: '0'.repeat(64) } },
      { ...proof, branches: proof.branches.slice(1) },
      { ...proof, branches: proof.branches.slice(0, last) },
      { ...proof, branches: [] },
      { ...proof, branches: Array.from({ length: 65 }, () => proof.branches[0]) },
      withBranch(0, { bitmap: bitmap ^ 1 }),
      withBranch(0, { bitmap: -1 }),
      withBranch(0, { bitmap: 2 ** 16 }),
      withBranch(0, { bitmap: 0.5 }),
      withBranch(0, { beside: flipped }),
      withBranch(0, { beside: beside.slice(1) }),
      withBranch(0, { beside: [...beside, beside[0]!] }),
      withBranch(0, { beside: beside.map(() => 'no hash') }),
      withBranch(last, { beside: [] }),
      undefined,
      null,
      7,
      'proof',
      {},
      { branches: 'x', leaf: null },
      { branches: [null], leaf: null },
      { branches: [{}], leaf: {} },
    ];
    for (const each of forged) {
      for (const value of ['v', null]) {
        expect(verifyProof(root, key, value, each as StateProof)).to.equal(false);
      }
    }
  });
});
