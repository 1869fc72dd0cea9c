/** Lives of one worker with liveslots: the same deliveries, with reloads here and there. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { kslot } from '@agoric/kmarshal';
import { readHeapHead, withSlots } from '../../../../lib/platform/heap-format.js';
import { trimHeap } from '../../../../lib/platform/heap-resizing.js';
import { loadPlatform } from '../../../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../../../lib/platform/node-powers.js';
import { makePlatformImage } from '../../../../lib/platform/platform-image.js';
import type { VatDelivery, VatSyscall } from '../../../../lib/types/messages.js';
import type { Worker } from '../../../../lib/workers/types.js';
import { startXsnapWorker } from '../../../../lib/workers/xsnap-worker.js';
import type { XsnapStart } from '../../../../lib/workers/xsnap-start.js';
import { makeRandom, type Random } from '../../../support/random.js';
import {
  bringOutYourDead,
  call,
  makeVatKernel,
  startVat,
  v1,
  vref,
} from '../../../workers/support/fixture.js';
import { bundlePath } from '../../../workers/support/vats.js';

type ByteStream = AsyncIterable<Uint8Array>;

export async function* streamOf(pieces: readonly Uint8Array[]): ByteStream {
  yield* pieces;
}

/** How one life treats its heap. The deliveries and the snapshots are those of every other life. */
export interface Habits {
  /** How the worker's image is loaded. */
  readonly loadImage?: (image: ByteStream) => ByteStream;
  /** Whether the worker restarts from the snapshot just taken. Otherwise it carries on. */
  readonly reloads: (snapshot: number) => boolean;
  /** How a snapshot is loaded. */
  readonly loadSnapshot?: (snapshot: ByteStream) => ByteStream;
}

export interface Life {
  readonly syscalls: readonly VatSyscall[];
  readonly computrons: readonly (number | undefined)[];
  /** SHA-256 of each snapshot, trimmed. */
  readonly hashes: readonly string[];
  /** The heap size that the worker wrote into each snapshot. */
  readonly written: readonly number[];
  readonly reloads: number;
}

const platformImage = async (): Promise<Uint8Array> => {
  const { bundles } = await loadPlatform();
  return makePlatformImage({ scripts: bundles, known: [] }, makeNodeWorkerPowers());
};
let image: Promise<Uint8Array> | undefined;
export const imageOf = (): Promise<Uint8Array> => (image ??= platformImage());

const hoarder = (): ReturnType<typeof bundlePath> =>
  bundlePath(fileURLToPath(new URL('../vats/hoarder.js', import.meta.url)));

const startWorker = (start: XsnapStart): Promise<Worker> =>
  startXsnapWorker(start, {
    vatID: v1,
    name: 'hoarder',
    powers: makeNodeWorkerPowers(),
    checkBundle: () => {},
    meteringLimit: 0,
    output: { console: () => undefined, testLog: () => undefined },
  });

const imports = Array.from({ length: 8 }, (_, index) => vref(`o-${50 + index}`));

/** The next delivery. Depends on the seed and on what the vat has exported so far. */
const nextDelivery = (random: Random, step: number, exported: Set<string>): VatDelivery => {
  const result = vref(`p-${1000 + step}`);
  const place = `place ${random.below(6)}`;
  const root = (method: string, ...args: unknown[]): VatDelivery => call(method, args, result);
  switch (random.below(16)) {
    case 0:
    case 1:
      return root('keep', place, kslot(random.pick(imports) ?? 'o-50', 'thing'));
    case 2:
      return root('use', place);
    case 3:
    case 4:
      return root('forget', place);
    case 5:
      return root('note', place, `text ${step}`);
    case 6:
      return root('read', place);
    case 7:
      return root('erase', place);
    case 8:
      return root('makeFacet', `facet ${step}`);
    case 9:
      return root('waste', 1 + random.below(30_000));
    case 10:
      return root('wasteText', 1 + random.below(300_000));
    case 11:
      return root('name', 100 * step, 1 + random.below(100));
    case 12:
      return root('grow', random.below(3000));
    case 13:
      return root('shrink');
    case 14: {
      const dropped = random.pick(exported);
      if (dropped === undefined) return bringOutYourDead;
      exported.delete(dropped);
      return ['dropExports', [vref(dropped)]];
    }
    default:
      return bringOutYourDead;
  }
};

const exportsOf = (syscall: VatSyscall): string[] =>
  syscall[0] === 'resolve'
    ? syscall[1].flatMap(([, , { slots }]) => slots).filter(slot => /^o\+./.test(slot))
    : [];

/** Lives one life. Takes a snapshot after about every tenth delivery, as the seed has it. */
export const live = async (seed: number, deliveries: number, habits: Habits): Promise<Life> => {
  const random = makeRandom(seed);
  const kernel = makeVatKernel();
  const exported = new Set<string>();
  const computrons: (number | undefined)[] = [];
  const hashes: string[] = [];
  const written: number[] = [];
  let reloads = 0;
  const { loadImage = stream => stream, loadSnapshot = stream => stream } = habits;
  const { bundle } = await hoarder();
  let worker = await startWorker({
    from: 'image',
    image: { stream: loadImage(streamOf([await imageOf()])), description: 'image' },
    vat: { bundle, options: { enableDisavow: false, relaxDurabilityRules: false } },
  });
  const deliver = async (delivery: VatDelivery): Promise<void> => {
    const known = kernel.syscalls.length;
    const [status, problem, usage] = await worker.deliver(delivery, kernel.handle);
    if (status !== 'ok') throw Error(`${JSON.stringify(delivery)}: ${String(problem)}`);
    computrons.push(usage?.compute);
    for (const slot of kernel.syscalls.slice(known).flatMap(exportsOf)) exported.add(slot);
  };
  const takeSnapshot = async (): Promise<void> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of worker.makeSnapshotStream?.() ?? []) pieces.push(piece);
    const trimmed = trimHeap(pieces);
    written.push(readHeapHead(Buffer.concat(pieces))?.slots ?? 0);
    const hash = createHash('sha256');
    for (const piece of trimmed) hash.update(piece);
    const reload = habits.reloads(hashes.push(hash.digest('hex')) - 1);
    if (!reload) return;
    reloads += 1;
    await worker.shutdown();
    worker = await startWorker({
      from: 'snapshot',
      snapshot: { stream: loadSnapshot(streamOf(trimmed)), description: 'snapshot' },
    });
  };
  try {
    await deliver(startVat());
    await deliver(call('insistBlind'));
    for (let step = 0; step < deliveries; step += 1) {
      await deliver(nextDelivery(random, step, exported));
      if (random.chance(10)) await takeSnapshot();
    }
    await deliver(bringOutYourDead);
    await takeSnapshot();
  } finally {
    await worker.shutdown();
  }
  return { syscalls: kernel.syscalls, computrons, hashes, written, reloads };
};

/** Gives each heap a size of its own, sometimes with hardly a free slot. */
export const withRandomHeap = (random: Random) =>
  async function* (stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
    const pieces: Uint8Array[] = [];
    for await (const piece of stream) pieces.push(piece);
    const bytes = Buffer.concat(trimHeap(pieces));
    const head = readHeapHead(bytes);
    if (!head) throw Error('no snapshot');
    yield withSlots(
      bytes,
      head,
      head.slots + random.below(random.pick([10, 10_000, 500_000]) ?? 1),
    );
  };
