/** Rows that can't be compared with their checksum are not taken for right. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { repairStore } from '../../lib/store/repair.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import type { StoreCheck } from '../../lib/store/verify-types.js';
import { useTempDirs } from './support/dirs.js';
import { flipByte, flipIn, storeFile } from './support/flip.js';

describe('rows that can not be read in order', () => {
  const tempDir = useTempDirs();
  const keyOf = (index: number): string => `v1.vs.${String(index).padStart(6, '0')}`;
  const ROWS = 1200;

  const makeStore = async (): Promise<string> => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage } = initSwingStore(dirPath);
    for (let index = 0; index < ROWS; index += 1) {
      kernelStorage.kvStore.set(keyOf(index), `<${index}>`);
    }
    await hostStorage.commit();
    await hostStorage.close();
    return dirPath;
  };

  /**
   * Rows are read 500 at a time. The key of the last of them goes to the front of all keys, in the
   * index only: there, the row's number follows the key.
   */
  const breakIndex = (dirPath: string): void => {
    const file = readFileSync(storeFile(dirPath));
    const key = keyOf(999);
    const inTable = file.indexOf(`${key}<999>`);
    const places = [];
    for (let at = file.indexOf(key); at >= 0; at = file.indexOf(key, at + 1)) places.push(at);
    const inIndex = places.filter(place => place !== inTable);
    expect(inTable).to.be.greaterThan(0);
    expect(inIndex).to.have.length(1);
    flipByte(dirPath, inIndex[0]!, 0x40);
  };

  it('are repaired where the table tells what the index should be', async () => {
    const dirPath = await makeStore();
    breakIndex(dirPath);
    const { problems } = await verifyStore(dirPath);
    expect(problems.map(({ kind }) => kind)).to.include.members(['file', 'rows']);
    expect(problems.at(-1)!.detail).to.include("can't be compared with their checksum");
    const { ok, repairs } = await repairStore(dirPath);
    expect(repairs).to.deep.equal([
      { thing: 'swingstore.sqlite', done: true, result: 'indexes rebuilt from the tables' },
      {
        thing: 'rows',
        done: true,
        result: 'with the other repairs, the rows are those that were written',
      },
    ]);
    expect(ok).to.equal(true);
    const { kernelStorage, hostStorage } = openSwingStore(dirPath);
    expect(kernelStorage.kvStore.getNextKey(keyOf(998))).to.equal(keyOf(999));
    expect(kernelStorage.kvStore.get(keyOf(999))).to.equal('<999>');
    await hostStorage.close();
  });

  it('hide no damaged value from a repair', async () => {
    const dirPath = await makeStore();
    breakIndex(dirPath);
    expect(flipIn(dirPath, '<7>', { at: 1 })).to.be.at.least(1);
    const known: StoreCheck = function* check(view) {
      if (view.has(keyOf(999))) return;
      yield { kind: 'kernel', thing: keyOf(999), detail: 'it is missing' };
    };
    const { ok, repairs, left } = await repairStore(dirPath, { checks: [known] });
    expect(repairs.map(({ thing, done }) => [thing, done])).to.deep.equal([
      ['swingstore.sqlite', true],
      [keyOf(999), false],
      ['rows', false],
    ]);
    expect(left.map(({ kind }) => kind)).to.deep.equal(['rows']);
    expect(ok).to.equal(false);
  });
});
