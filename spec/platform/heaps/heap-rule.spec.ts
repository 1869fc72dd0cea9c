import { expect } from 'chai';
import {
  bundleBytesOf,
  firstHeapSlots,
  slotsWithHeadroom,
} from '../../../lib/platform/heap-rule.js';

const K = 1024;

describe('heap rule 1', () => {
  // Incarnations have recorded it, so these values never change.
  it('starts incarnations with the heap that their bundle calls for', () => {
    const sizes = [0, 240_000, 399_999, 400_000, 799_999, 800_000, 1_200_000, 1_864_168, 1e9];
    expect(sizes.map(bytes => firstHeapSlots(bytes) / K)).to.deep.equal([
      256, 256, 256, 384, 384, 512, 640, 640, 640,
    ]);
  });

  it('loads snapshots with headroom', () => {
    const load = (needed: number, otherBytes = 2 ** 25): number =>
      slotsWithHeadroom(needed, otherBytes);
    expect(load(100_000)).to.equal(256 * K);
    expect(load(200_000)).to.equal(200_000 + 128 * K);
    expect(load(400_000)).to.equal(600_000);
    expect(load(3_000_000)).to.equal(3_000_000 + 1024 * K);
    // Half of the engine's limit: 2 ** 30 bytes, 32 bytes for each slot.
    expect(load(2 ** 25 - 2 ** 20 - 1000)).to.equal(2 ** 25 - 2 ** 20);
    expect(load(2 ** 25)).to.equal(2 ** 25);
    expect(load(1_000_000, 2 ** 30)).to.equal(1_000_000);
  });

  it('measures a bundle by its archive, or else by its source', () => {
    expect(bundleBytesOf({ moduleFormat: 'endoZipBase64', endoZipBase64: 'abcd' })).to.equal(4);
    expect(bundleBytesOf({ moduleFormat: 'nestedEvaluate', source: 'é', x: 'y' })).to.equal(2);
    expect(bundleBytesOf({ moduleFormat: 'test', source: 7 })).to.equal(0);
  });
});
