import { expect } from 'chai';
import { HeapFormatError } from '../../../lib/platform/errors.js';
import { makeAtomWalk, readHeapHead } from '../../../lib/platform/heap-format.js';
import { trimHeap, withFirstHeap, withHeadroom } from '../../../lib/platform/heap-resizing.js';
import { slotsWithHeadroom } from '../../../lib/platform/heap-rule.js';
import { countSlotsNeeded } from '../../../lib/platform/heap-slots.js';
import { makeNodeWorkerPowers } from '../../../lib/platform/node-powers.js';
import { startXsnapProcess } from '../../../lib/platform/xsnap-process.js';
import { failureOf } from '../../support/failure.js';
import { makeRandom } from '../../support/random.js';
import { imageOf, streamOf } from './support/lives.js';
import {
  ATOM_NAMES,
  makeSnapshot,
  mapSlots,
  type SnapshotParts,
} from './support/made-snapshots.js';

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
};

const slotsOf = (bytes: Buffer): number | undefined => readHeapHead(bytes)?.slots;

/** Cuts bytes into pieces of random lengths, some of them empty. */
const cut = (bytes: Buffer, seed: number, longest: number): Buffer[] => {
  const random = makeRandom(seed);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + random.below(longest + 1);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
};

const trim = (bytes: Buffer): Buffer => Buffer.concat(trimHeap([bytes]));

describe('heap snapshots', () => {
  const made = makeSnapshot({ slots: 262_144, heap: [...mapSlots(1, 5), ...mapSlots(4, 2)] });

  it('carry the heap size that the engine allocates', () => {
    expect(readHeapHead(made)).to.include({ slots: 262_144, otherBytes: 2 ** 25 + 4096 * 32 });
  });

  it('need a slot for each that they hold, one for each entry of a map, and two', () => {
    expect(countSlotsNeeded([made])).to.equal(6 + (5 + 2) + 2);
  });

  it('are trimmed to the slots that they need, and nothing else in them changes', () => {
    const other = makeSnapshot({ slots: 999_999, heap: [...mapSlots(1, 5), ...mapSlots(4, 2)] });
    const trimmed = trim(made);
    expect(Buffer.compare(trim(other), trimmed)).to.equal(0);
    expect(Buffer.compare(trim(trimmed), trimmed)).to.equal(0);
    expect(slotsOf(trimmed)).to.equal(15);
    const differing = [...trimmed].filter((byte, at) => byte !== made[at]).length;
    expect(differing).to.be.within(1, 4);
    expect(slotsOf(made)).to.equal(262_144);
  });

  it('are read the same in whatever pieces they come', async () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const pieces = cut(made, seed, 1 + (seed % 40));
      expect(Buffer.compare(Buffer.concat(trimHeap(pieces)), trim(made)), `${seed}`).to.equal(0);
      const raised = await collect(withHeadroom(streamOf(pieces)));
      expect(raised.length).to.equal(made.length);
      expect(slotsOf(raised)).to.equal(slotsWithHeadroom(262_144, 2 ** 25));
    }
  });

  it('are loaded with headroom', async () => {
    const loaded = await collect(withHeadroom(streamOf([trim(made)])));
    expect(slotsOf(loaded)).to.equal(slotsWithHeadroom(15, 0));
  });

  it('as images, are loaded with the heap of the bundle, or with headroom of their own', () => {
    const first = (image: Buffer, slots: number): number | undefined => {
      const pieces = withFirstHeap(image, slots);
      expect(Buffer.compare(trim(Buffer.concat(pieces)), trim(image))).to.equal(0);
      return slotsOf(Buffer.concat(pieces));
    };
    const image = makeSnapshot({ slots: 999_999, heap: mapSlots(1, 200_000) });
    const headroom = slotsWithHeadroom(200_005, 2 ** 25);
    expect(headroom).to.be.within(300_000, 400_000);
    expect(first(image, 262_144)).to.equal(headroom);
    expect(first(image, 655_360)).to.equal(655_360);
    expect(first(image, 262_144)).to.equal(headroom);
    expect(slotsOf(image)).to.equal(999_999);
  });

  it('pass through without waiting for the rest', async () => {
    let read = 0;
    async function* slowly(): AsyncGenerator<Uint8Array, void, undefined> {
      for (const piece of [made.subarray(0, 200), made.subarray(200, 300), made.subarray(300)]) {
        read += 1;
        yield piece;
      }
    }
    const passed: number[] = [];
    for await (const piece of withHeadroom(slowly())) passed.push(read * 1000 + piece.length);
    // Two pieces of the first read: the sizes, and what followed them.
    expect(passed.map(each => Math.floor(each / 1000))).to.deep.equal([1, 1, 2, 3]);
  });

  describe('that are no snapshots are refused', () => {
    const refuses = async (bytes: Buffer, detail: string | RegExp): Promise<void> => {
      const failures = [
        await failureOf(async () => trim(bytes)),
        await failureOf(() => collect(withHeadroom(streamOf([bytes])))),
        await failureOf(() => collect(withHeadroom(streamOf(cut(bytes, 7, 30))))),
        await failureOf(async () => withFirstHeap(bytes, 1)),
      ];
      for (const failure of failures) {
        expect(failure).to.be.instanceOf(HeapFormatError);
        expect((failure as HeapFormatError).detail).to.match(
          detail instanceof RegExp ? detail : RegExp(`^${detail}$`),
        );
        expect(failure).to.include({ code: 'HEAP_FORMAT' });
      }
    };

    it('cut off anywhere', async () => {
      for (let length = 0; length < made.length; length += 1) {
        await refuses(made.subarray(0, length), /^it ends after \d+ bytes, within [A-Z_]+$/);
      }
    });

    it('with something after their end', () =>
      refuses(Buffer.concat([made, made]), 'atom "XS_M" follows the last one'));

    it('with other atoms', async () => {
      for (const [index, name] of ATOM_NAMES.entries()) {
        const bytes = makeSnapshot({ names: { [index]: 'NONE' } });
        await refuses(bytes, `atom "NONE" is not ${name}`);
      }
    });

    const cases: Record<string, [SnapshotParts, string]> = {
      'another engine': [{ version: [14, 0, 0, 32] }, 'XS 14 is unknown; the layout is that of 13'],
      'other slots': [{ version: [13, 3, 0, 16] }, 'its slots have 16 bytes and not 32'],
      'a version that is too long': [{ version: [13, 3, 0, 32, 0] }, 'VERS has 5 bytes and not 4'],
      'no sizes': [{ creation: [] }, 'CREA has 8 bytes and not 56'],
      'no slots': [{ slots: 0 }, 'initialHeapCount in CREA is 0'],
      'a negative size': [{ slots: -1 }, 'initialHeapCount in CREA is -1'],
      'a long signature': [{ signature: 'x'.repeat(2000) }, 'SIGN has 2000 bytes'],
    };
    for (const [title, [parts, detail]] of Object.entries(cases)) {
      it(`with ${title}`, () => refuses(makeSnapshot(parts), detail));
    }

    it('with an atom shorter than its header', () => {
      const bytes = Buffer.from(made);
      bytes.writeUInt32BE(7, 8);
      return refuses(bytes, 'atom "VERS" is too short');
    });

    const heaps: Record<string, [SnapshotParts['heap'], string]> = {
      'half a slot': [[Buffer.alloc(33)], 'HEAP has 33 bytes, not a multiple of 32'],
      'a map without a list': [mapSlots(1, 1).slice(0, 1), 'HEAP has no slot 2'],
      'a map whose list is something else': [
        [...mapSlots(1, 1).slice(0, 1), ...mapSlots(1, 1).slice(2)],
        'slot 1 has no list',
      ],
      'a map without a size': [mapSlots(1, 1).slice(0, 2), 'HEAP has no slot 3'],
      'a map of negative size': [mapSlots(1, -1), 'the list of slot 1 has no size'],
    };
    for (const [title, [heap, detail]] of Object.entries(heaps)) {
      it(`when they are trimmed, with ${title}`, async () => {
        const failure = await failureOf(async () => trim(makeSnapshot({ heap: heap ?? [] })));
        expect(failure).to.be.instanceOf(HeapFormatError).and.to.include({ detail });
      });
    }
  });

  it('are walked atom by atom', () => {
    const walk = makeAtomWalk();
    for (const piece of cut(made, 3, 11)) walk.pass(piece);
    const places = walk.end();
    expect([...places.keys()]).to.deep.equal(ATOM_NAMES);
    expect(places.get('HEAP')).to.include({ byteLength: 6 * 32 });
  });
});

describe('snapshots of the engine', () => {
  const start = async (bytes: Buffer) =>
    startXsnapProcess({
      powers: makeNodeWorkerPowers(),
      name: 'heap',
      meteringLimit: 0,
      snapshot: { stream: streamOf([bytes]), description: 'heap' },
    });

  it('load with exactly the slots that they need, and are written again the same', async () => {
    const trimmed = trim(Buffer.from(await imageOf()));
    expect(slotsOf(trimmed)).to.be.greaterThan(50_000).and.to.be.lessThan(200_000);
    const process = await start(trimmed);
    try {
      await process.isReady();
      const written = await collect(process.makeSnapshotStream());
      // No slot was missing while it loaded, or the heap would have grown.
      expect(slotsOf(written)).to.equal(slotsOf(trimmed));
      expect(Buffer.compare(trim(written), trimmed)).to.equal(0);
    } finally {
      await process.kill();
    }
  });

  it('do not load with less', async () => {
    const trimmed = trim(Buffer.from(await imageOf()));
    const head = readHeapHead(trimmed);
    trimmed.writeInt32LE((head?.slots ?? 0) - 1000, head?.slotsAt);
    const process = await start(trimmed);
    try {
      const written = await process
        .isReady()
        .then(() => collect(process.makeSnapshotStream()))
        .catch(() => undefined);
      expect(written && slotsOf(written)).to.not.equal(head?.slots);
    } finally {
      await process.kill();
    }
  });
});
