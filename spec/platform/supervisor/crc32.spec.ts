import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { makeCrc32 } from '../../../lib/platform/supervisor/crc32.js';

describe('the CRC-32 of our supervisor', () => {
  it('is that of zlib, for each part of few and of many bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200, size: 'max' }),
        fc.nat({ max: 7 }),
        fc.constantFrom(1, 100),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 300 }))),
        (pattern, offset, times, parts) => {
          const length = pattern.length * times;
          const bytes = new Uint8Array(new ArrayBuffer(length + offset), offset, length);
          for (let at = 0; at < length; at += 1) {
            bytes[at] = pattern[at % pattern.length]! + (at >>> 8);
          }
          const ours = makeCrc32(bytes);
          expect(ours(0, length)).to.equal(crc32(bytes));
          for (const [from, size] of parts) {
            const start = Math.floor(from * length);
            const end = Math.min(length, start + size);
            expect(ours(start, end)).to.equal(crc32(bytes.subarray(start, end)));
          }
        },
      ),
    );
  });
});
