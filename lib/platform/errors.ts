/** Errors of `lib/platform`. */
import { SwingsetError } from '../errors.js';

/** The xsnap worker binary is missing or can't be executed. */
export class XsnapNotBuiltError extends SwingsetError {
  readonly code = 'XSNAP_NOT_BUILT';
  constructor(
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(
      `the xsnap worker is not built: ${path} is missing or not executable. ` +
        'Its package compiles it when it is installed: run `npm rebuild @agoric/xsnap`. ' +
        'npm 11.19 and newer run such a script only if package.json allows it: ' +
        '`"allowScripts": { "@agoric/xsnap": true }`. ' +
        'A C compiler and make are needed (Debian: the package build-essential).',
      options,
    );
  }
}

/** The kernel is being stopped: it starts no worker any more. */
export class WorkersStoppedError extends SwingsetError {
  readonly code = 'WORKERS_STOPPED';
  constructor() {
    super('the kernel is being stopped: no worker is started any more');
  }
}

/** There is no xsnap for this operating system. */
export class XsnapUnsupportedError extends SwingsetError {
  readonly code = 'XSNAP_UNSUPPORTED';
  constructor(readonly os: string) {
    super(`xsnap runs on Linux and Darwin only, not on ${os}; vats can run on managerType local`);
  }
}

/** `@agoric/xsnap` as installed lacks a file or a field that names the engine. */
export class EngineUnknownError extends SwingsetError {
  readonly code = 'ENGINE_UNKNOWN';
  constructor(
    readonly path: string,
    readonly missing: string,
  ) {
    super(`${path} has no ${missing}; reinstall @agoric/xsnap`);
  }
}

/** A platform image that was made again differs from the one that was recorded. */
export class PlatformImageMismatchError extends SwingsetError {
  readonly code = 'PLATFORM_IMAGE_MISMATCH';
  constructor(
    readonly expected: string,
    readonly actual: string,
    readonly bundleIDs: readonly string[],
  ) {
    super(
      `the platform image ${expected} is lost, and evaluating its bundles (${bundleIDs.join(', ')}) ` +
        `on the engine that runs now makes ${actual}: this is another engine. ` +
        'Run the engine that the vats were started on, or restart them with a new platformEpoch.',
    );
  }
}
