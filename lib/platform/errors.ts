/** Errors of `lib/platform`. */
import { quoteValue, SwingsetError } from '../errors.js';

/** The xsnap worker binary is missing or can't be executed. */
export class XsnapNotBuiltError extends SwingsetError {
  readonly code = 'XSNAP_NOT_BUILT';
  constructor(
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(
      `the xsnap worker is not built: ${path} is missing or not executable. ` +
        'Its package compiles it on installation; run `npm rebuild @agoric/xsnap`. ' +
        'npm 11.19 and later run such scripts only if package.json allows it: ' +
        '`"allowScripts": { "@agoric/xsnap": true }`. ' +
        'This needs a C compiler and make (Debian: the package build-essential).',
      options,
    );
  }
}

/** The kernel is shutting down and starts no more workers. */
export class WorkersStoppedError extends SwingsetError {
  readonly code = 'WORKERS_STOPPED';
  constructor() {
    super('the kernel is shutting down and starts no more workers');
  }
}

/** A worker wrote a message to the kernel that is too long, and that nothing may stand in for. */
export class LongMessageError extends SwingsetError {
  readonly code = 'WORKER_MESSAGE_TOO_LONG';
  constructor(
    readonly bytes: number,
    readonly maxBytes: number,
  ) {
    super(`a worker wrote a message of ${bytes} bytes; ${maxBytes} are allowed`);
  }
}

/** A worker wrote what the protocol of the `xsnap-worker` binary does not have. */
export class WorkerProtocolError extends SwingsetError {
  readonly code = 'WORKER_PROTOCOL';
  constructor(readonly problem: string) {
    super(`a worker broke the protocol: ${problem}`);
  }
}

/** A worker hung: it neither answered nor asked anything for too long. */
export class WorkerSilentError extends SwingsetError {
  readonly code = 'WORKER_SILENT';
  constructor(
    readonly worker: string,
    readonly milliseconds: number,
  ) {
    super(`${worker} has been silent for ${milliseconds / 1000} s, so it counts as hung`);
  }
}

/** A worker showed signs of life, but did not finish what it was given. */
export class WorkerOvertimeError extends SwingsetError {
  readonly code = 'WORKER_OVERTIME';
  constructor(
    readonly worker: string,
    readonly milliseconds: number,
  ) {
    super(`${worker} has not finished in ${milliseconds / 1000} s, so it counts as hung`);
  }
}

/** There is no xsnap for this operating system. */
export class XsnapUnsupportedError extends SwingsetError {
  readonly code = 'XSNAP_UNSUPPORTED';
  constructor(readonly os: string) {
    super(
      `xsnap runs only on Linux and Darwin, not on ${os}; use managerType "local" for vats here`,
    );
  }
}

/** The installed `@agoric/xsnap` lacks a file or a field that identifies the engine. */
export class EngineUnknownError extends SwingsetError {
  readonly code = 'ENGINE_UNKNOWN';
  constructor(
    readonly path: string,
    readonly missing: string,
  ) {
    super(`${path} has no ${missing}; reinstall @agoric/xsnap`);
  }
}

/** A heap snapshot is damaged, incomplete, or of an engine that this software doesn't know. */
export class HeapFormatError extends SwingsetError {
  readonly code = 'HEAP_FORMAT';
  constructor(readonly detail: string) {
    super(`a heap snapshot can't be read: ${detail}`);
  }
}

/** A rebuilt platform image differs from the recorded one. */
export class PlatformImageMismatchError extends SwingsetError {
  readonly code = 'PLATFORM_IMAGE_MISMATCH';
  constructor(
    readonly expected: string,
    readonly actual: string,
    readonly bundleIDs: readonly string[],
  ) {
    super(
      `the platform image ${expected} is lost, and rebuilding it from its bundles (${bundleIDs.join(', ')}) ` +
        `gives ${actual}, so the running engine is a different one. ` +
        'Run the engine that the vats were started on, or restart them with a new platformEpoch.',
    );
  }
}

/** An installed package lacks a bundle of its platform, or has another one than it was released with. */
export class PlatformBundleError extends SwingsetError {
  readonly code = 'PLATFORM_BUNDLE';
  constructor(
    readonly path: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `${path} ${reason}. Reinstall swingset-kernel; in a checkout, run \`npm run build\`.`,
      options,
    );
  }
}

/** An `endoZipBase64` bundle is damaged, or is not what it says. Our platform runs no vat from it. */
export class BadArchiveError extends SwingsetError {
  readonly code = 'BAD_ARCHIVE';
  constructor(
    /** The path in the zip. Undefined if the zip as a whole is bad. */
    readonly entry: string | undefined,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(
      `the bundle's archive is bad: ${entry === undefined ? '' : `${quoteValue(entry)} `}${problem}`,
      options,
    );
  }
}

/** A bundle that a platform image must know is no good archive. */
export class BadImageBundleError extends SwingsetError {
  readonly code = 'BAD_IMAGE_BUNDLE';
  constructor(
    readonly bundleID: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(
      `a platform image can't know the bundle ${bundleID}: ${problem}. ` +
        'Leave it out of imageBundles, or build and install it again.',
      options,
    );
  }
}
