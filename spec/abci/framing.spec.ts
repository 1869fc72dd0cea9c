import { expect } from 'chai';
import fc from 'fast-check';
import { WireError } from '../../lib/abci/errors.js';
import { frameHeader, FrameReader, MAX_FRAME_BYTES } from '../../lib/abci/framing.js';
import { frame } from './support.js';

const read = (reader: FrameReader, chunks: readonly Uint8Array[]): Buffer[] =>
  chunks.flatMap(chunk => [...reader.push(chunk)].map(bytes => Buffer.from(bytes)));

/** Cuts bytes at places that may be anywhere, and more than once in the same place. */
const cut = (bytes: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const sorted = places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index] ?? bytes.length));
};

const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7) % 251);

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 });
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 20 }), (given, places) => {
        const reader = new FrameReader();
        const stream = Buffer.concat(given.map(frame));
        const found = read(reader, cut(stream, places));
        expect(found).to.deep.equal(given.map(each => Buffer.from(each)));
        expect(reader.isBetweenFrames).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });

  it('come out of a stream that arrives byte by byte', () => {
    const given = [0, 1, 127, 128, 300, 16_384].map(bytes);
    const reader = new FrameReader();
    const stream = Buffer.concat(given.map(frame));
    const found = read(
      reader,
      Array.from(stream, (_, at) => stream.subarray(at, at + 1)),
    );
    expect(found).to.deep.equal(given.map(each => Buffer.from(each)));
  });

  it('may be larger than 5 MB, in chunks of any size', () => {
    const large = bytes(5_300_000);
    const stream = Buffer.concat([frame(large), frame(bytes(3)), frame(large)]);
    for (const size of [1000, 65_536, stream.length]) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
      const found = read(new FrameReader(), chunks);
      expect(found.map(each => each.length)).to.deep.equal([large.length, 3, large.length]);
      expect(found[0]?.equals(large)).to.equal(true);
      expect(found[2]?.equals(large)).to.equal(true);
    }
  });

  it('do not change when the memory of the stream is used again', () => {
    const chunk = Buffer.from(frame(bytes(100)));
    const reader = new FrameReader();
    const [...first] = reader.push(chunk.subarray(0, 50));
    chunk.subarray(0, 50).fill(0);
    const [second] = reader.push(chunk.subarray(50));
    expect(first).to.deep.equal([]);
    expect(Buffer.from(second ?? [])).to.deep.equal(Buffer.from(bytes(100)));
  });

  it('are refused over the limit, with the first byte that says so', () => {
    for (const limit of [0, 1, 127, 128, 1000, MAX_FRAME_BYTES]) {
      expect(() => read(new FrameReader(limit), [frameHeader(limit)])).not.to.throw();
      expect(() => read(new FrameReader(limit), [frameHeader(limit + 1)])).to.throw(
        WireError,
        `a frame announces ${limit + 1} bytes or more, over the limit of ${limit}`,
      );
    }
    // The last byte of the length is still missing.
    expect(() => read(new FrameReader(1000), [Uint8Array.of(0x80, 0x90)])).to.throw(
      'a frame announces 2048 bytes or more, over the limit of 1000',
    );
  });

  it('are refused when their length never ends', () => {
    const endless = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80);
    expect(() => read(new FrameReader(), [endless.subarray(0, 4)])).not.to.throw();
    expect(() => read(new FrameReader(), [endless])).to.throw(
      WireError,
      'the length of a frame has more than 5 bytes',
    );
  });

  it('take no memory for what has not arrived', () => {
    const readers = Array.from({ length: 1000 }, () => new FrameReader());
    const before = process.memoryUsage().arrayBuffers;
    for (const reader of readers) read(reader, [frameHeader(MAX_FRAME_BYTES), bytes(10)]);
    const taken = process.memoryUsage().arrayBuffers - before;
    expect(taken).to.be.lessThan(1000 * 100_000);
    expect(readers.some(({ isBetweenFrames }) => isBetweenFrames)).to.equal(false);
  });

  it('do no more than end the reading of garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat()), (garbage, places) => {
        const reader = new FrameReader(1000);
        try {
          const found = read(reader, cut(garbage, places));
          const total = found.reduce((sum, each) => sum + each.length, 0);
          expect(total).to.be.at.most(garbage.length);
        } catch (error) {
          expect(error).to.be.instanceOf(WireError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
