/** The ways to start a vat's xsnap process, up to the point where it takes deliveries. */
import { checkKnown, evaluateBundles, type PlatformBundles } from '../platform/platform-image.js';
import {
  startXsnapProcess,
  type WorkerPowers,
  type XsnapProcess,
} from '../platform/xsnap-process.js';
import type { Bundle } from '../store/types.js';
import type { VatID } from '../types/ids.js';
import type { LiveSlotsOptions } from './types.js';
import { decodeItem, encodeItem, replaceLongRequest, UNCHECKED } from './xsnap-protocol.js';

export interface HeapStream {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Shown by `ps`. */
  readonly description: string;
}

/** What a supervisor needs to know of a vat. */
export interface VatStart {
  readonly bundle: Bundle;
  readonly options: LiveSlotsOptions & {
    /** The vat's `@endo/import-bundle` is the platform's. Only a supervisor of ours knows it. */
    readonly serveImportBundle?: boolean;
  };
}

export type XsnapStart =
  /** An empty worker evaluates the platform bundles and loads the vat's bundle. */
  | {
      readonly from: 'bundles';
      readonly platformBundles: PlatformBundles;
      readonly vat: VatStart;
    }
  /** A platform image, with the platform bundles evaluated, loads the vat's bundle. */
  | { readonly from: 'image'; readonly image: HeapStream; readonly vat: VatStart }
  /** The same, in a process that was started ahead of time. */
  | { readonly from: 'spare'; readonly spare: SpareProcess; readonly vat: VatStart }
  /** The vat's own heap. */
  | { readonly from: 'snapshot'; readonly snapshot: HeapStream };

/** Passes a process's requests to its present owner. */
export interface RequestPort {
  handle: (request: Buffer) => string;
}

export interface SpareProcess {
  readonly process: XsnapProcess;
  readonly requests: RequestPort;
}

const unclaimed = (): never => {
  throw Error('the worker made a request outside of a delivery');
};

export interface ProcessOptions {
  readonly powers: WorkerPowers;
  readonly name: string;
  readonly meteringLimit: number;
}

const startFromHeap = async (options: ProcessOptions, heap: HeapStream): Promise<SpareProcess> => {
  const requests: RequestPort = { handle: unclaimed };
  const process = startXsnapProcess({
    ...options,
    handleCommand: request => requests.handle(request),
    replaceLongRequest,
    snapshot: heap,
  });
  return { process, requests };
};

/** Starts a process that loads a platform image and waits for a vat. */
export const startSpareProcess = async (
  options: Omit<ProcessOptions, 'name'>,
  image: HeapStream,
): Promise<SpareProcess> => {
  const spare = await startFromHeap({ ...options, name: 'spare' }, image);
  try {
    await spare.process.isReady();
  } catch (error) {
    await spare.process.kill();
    throw error;
  }
  return spare;
};

/**
 * Settles when the process has been spawned.
 *
 * @throws BadImageBundleError
 */
export const startProcess = async (
  start: XsnapStart,
  options: ProcessOptions,
): Promise<SpareProcess> => {
  switch (start.from) {
    case 'bundles': {
      checkKnown(start.platformBundles);
      const requests: RequestPort = { handle: unclaimed };
      const process = startXsnapProcess({
        ...options,
        handleCommand: request => requests.handle(request),
        replaceLongRequest,
      });
      return { process, requests };
    }
    case 'image':
      return startFromHeap(options, start.image);
    case 'snapshot':
      return startFromHeap(options, start.snapshot);
    case 'spare':
      return start.spare;
    default:
      return start satisfies never;
  }
};

export interface PreparedVat {
  readonly vatID: VatID;
  /** Checks the vat's bundle for a supervisor that does not. */
  readonly checkBundle: (bundle: Bundle) => void;
}

/**
 * Prepares a started process to take deliveries.
 *
 * @throws BadArchiveError if the vat's bundle is bad
 */
export const prepareProcess = async (
  process: XsnapProcess,
  start: XsnapStart,
  { vatID, checkBundle }: PreparedVat,
): Promise<void> => {
  if (start.from === 'bundles') await evaluateBundles(process, start.platformBundles);
  if (start.from === 'image' || start.from === 'snapshot') await process.isReady();
  if (start.from === 'snapshot') return;
  const { reply } = await process.command(
    encodeItem(['setBundle', vatID, start.vat.bundle, start.vat.options]),
  );
  const [tag, ...details] = decodeItem(reply);
  if (tag !== 'dispatchReady') {
    throw Error(`setBundle was answered with ${JSON.stringify([tag, ...details])}`);
  }
  if (details[0] === UNCHECKED) checkBundle(start.vat.bundle);
};
