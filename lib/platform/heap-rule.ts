/**
 * How large a worker's slot heap is when it starts. Rule 1, which an incarnation records as
 * `workerOptions.heapRule` (issue 15, item 3).
 *
 * XS collects garbage whenever its free slots run out, and lets the heap grow only after two
 * collections in a row that freed little. So a heap that starts too small is collected again and
 * again. No computron shows it.
 *
 * A part of consensus: the engine's limit on memory counts free slots too. Never change a rule that
 * incarnations have recorded; add another one.
 */
import type { Bundle } from '../store/types.js';
import { K_SLOTS, SLOT_BYTES } from './heap-format.js';

/** The engine's own first heap. */
const LEAST_SLOTS = 256 * K_SLOTS;

/** Few sizes let spare workers be shared. */
const STEP = 128 * K_SLOTS;

const BUNDLE_BYTES_PER_STEP = 400_000;

/** Up to 20 MB of slots. Larger heaps cost more to load and to hold than they save. */
const MOST_STEPS = 3;

/** The engine lets a heap grow by this much. With fewer slots free, it considers itself short. */
const LEAST_HEADROOM = 128 * K_SLOTS;

const MOST_HEADROOM = 1024 * K_SLOTS;

/** Half of what the engine may allocate. Beyond it, headroom would bring the vat's end closer. */
const ROOMY_BYTES = 2 ** 30;

/** The size of a bundle, as the rule has it: of its archive in base64, or of its source. */
export const bundleBytesOf = ({ endoZipBase64, source }: Bundle): number => {
  const content = endoZipBase64 ?? source;
  return typeof content === 'string' ? Buffer.byteLength(content) : 0;
};

/**
 * The slots of the first heap of an incarnation, from the size of its bundle: 256 K, and 128 K more
 * for each 400 kB, up to 640 K.
 */
export const firstHeapSlots = (bundleBytes: number): number =>
  LEAST_SLOTS + STEP * Math.min(Math.floor(bundleBytes / BUNDLE_BYTES_PER_STEP), MOST_STEPS);

/**
 * The slots to load a vat's snapshot with: half as many again as it needs, but at least 128 K free
 * and a heap of 256 K, and at most 1 M free.
 *
 * @param needed - slots that the snapshot needs to be loaded
 * @param otherBytes - what the snapshot allocates beside its slots
 */
export const slotsWithHeadroom = (needed: number, otherBytes: number): number => {
  const headroom = Math.min(Math.max(Math.floor(needed / 2), LEAST_HEADROOM), MOST_HEADROOM);
  const wanted = Math.max(needed + headroom, LEAST_SLOTS);
  const roomy = Math.floor((ROOMY_BYTES - otherBytes) / SLOT_BYTES);
  return Math.max(needed, Math.min(wanted, roomy));
};
