/**
 * A worker without a kernel: the process starts as the store says, and its syscalls get the answers
 * that were recorded. Reading the store and encoding happen before the clock starts; what the worker
 * says is parsed, to count its syscalls.
 */
import { bundleBytesOf, firstHeapSlots } from '../../lib/platform/heap-rule.js';
import { withFirstHeap, withHeadroom } from '../../lib/platform/heap-resizing.js';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import { KernelState } from '../../lib/state/kernel-state.js';
import type { KernelStorage } from '../../lib/store/types.js';
import type { VatID } from '../../lib/types/ids.js';
import { heapRuleOf } from '../../lib/workers/heap-snapshot.js';
import { readCurrentSpan } from '../../lib/workers/span-reader.js';
import type { WorkerStart } from '../../lib/workers/transcript.js';
import { CONSOLE_ANSWER, decodeItem } from '../../lib/workers/xsnap-protocol.js';
import { prepareProcess, startProcess, type XsnapStart } from '../../lib/workers/xsnap-start.js';
import { encodeSpan, type EncodedDelivery } from './encoded-deliveries.js';

export interface BareWorker {
  readonly deliver: (delivery: EncodedDelivery) => Promise<void>;
  readonly kill: () => Promise<unknown>;
}

export interface BareVat {
  /** Starts a process and makes it ready for deliveries. `onLoaded` costs a message more. */
  readonly start: (onLoaded?: () => void) => Promise<BareWorker>;
  /** The current span, by position. */
  readonly deliveries: ReadonlyMap<number, EncodedDelivery>;
}

const powers = makeNodeWorkerPowers();

/** Of the answer to a delivery. Syscalls that have not been made follow. */
const RESULT_ITEMS = 3;

async function* streamOf(
  pieces: readonly Uint8Array[],
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
};

type MakeStart = () => XsnapStart;

const fromImage = (
  { bundleStore, imageStore }: KernelStorage,
  { source, workerOptions }: WorkerStart,
): MakeStart => {
  if (workerOptions.type !== 'xsnap' || workerOptions.imageID === undefined) {
    throw Error('only xsnap vats that start from an image');
  }
  const { imageID, heapRule, serveImportBundle } = workerOptions;
  const bundle = bundleStore.getBundle(source.bundleID);
  const image = imageStore.load(imageID);
  const pieces = heapRule ? withFirstHeap(image, firstHeapSlots(bundleBytesOf(bundle))) : [image];
  const options = {
    ...{ enableDisavow: false, relaxDurabilityRules: false },
    ...(serveImportBundle && { serveImportBundle }),
  };
  return () => ({
    from: 'image',
    image: { stream: streamOf(pieces), description: 'image' },
    vat: { bundle, options },
  });
};

const fromSnapshot = async (
  { snapStore }: KernelStorage,
  vatID: VatID,
  hasHeapRule: boolean,
): Promise<MakeStart> => {
  const stream = snapStore.loadSnapshot(vatID);
  const pieces = await collect(hasHeapRule ? withHeadroom(stream) : stream);
  return () => ({
    from: 'snapshot',
    snapshot: { stream: streamOf(pieces), description: 'snapshot' },
  });
};

const startWorker = async (
  vatID: VatID,
  start: XsnapStart,
  onLoaded?: () => void,
): Promise<BareWorker> => {
  const { process, requests } = await startProcess(start, {
    ...{ powers, name: vatID, meteringLimit: 0 },
  });
  let answers: readonly string[] = [];
  let done = 0;
  /** Several syscalls may come in one message, which gets the answer of the last. */
  const answer = (syscalls: number): string => {
    done += syscalls;
    const last = answers[done - 1];
    if (last === undefined) throw Error(`${vatID} makes a syscall that was not recorded`);
    return last;
  };
  requests.handle = request => {
    const [tag, ...details] = decodeItem(request);
    return tag === 'syscall' ? answer(details.length) : CONSOLE_ANSWER;
  };
  if (onLoaded) {
    await process.isReady();
    onLoaded();
  }
  // Checking the bundle is the kernel's work.
  await prepareProcess(process, start, { vatID, checkBundle: () => undefined });
  return {
    deliver: async delivery => {
      answers = delivery.answers;
      done = 0;
      const { reply } = await process.command(delivery.command);
      const left = decodeItem(reply).length - RESULT_ITEMS;
      if (done + left !== answers.length) throw Error(`${vatID} leaves out a recorded syscall`);
    },
    kill: () => process.kill(),
  };
};

const hasHeapRule = (kernelStorage: KernelStorage, vatID: VatID): boolean =>
  heapRuleOf(new KernelState(kernelStorage).vats.getOptions(vatID)) !== undefined;

/** Reads how a vat starts and what its current span is. */
export const readBareVat = async (kernelStorage: KernelStorage, vatID: VatID): Promise<BareVat> => {
  const { start } = readCurrentSpan(vatID, kernelStorage);
  if (start.from === 'nothing') throw Error(`${vatID} has never started`);
  const makeStart =
    start.from === 'initialize-worker'
      ? fromImage(kernelStorage, start.start)
      : await fromSnapshot(kernelStorage, vatID, hasHeapRule(kernelStorage, vatID));
  return {
    start: onLoaded => startWorker(vatID, makeStart(), onLoaded),
    deliveries: encodeSpan(kernelStorage.transcriptStore, vatID),
  };
};

/** Brings a vat to the end of its span. */
export const catchUp = async ({ start, deliveries }: BareVat): Promise<BareWorker> => {
  const worker = await start();
  for (const delivery of deliveries.values()) await worker.deliver(delivery);
  return worker;
};
