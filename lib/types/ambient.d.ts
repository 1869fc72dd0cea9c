// Declarations for packages without types. They cover what this project uses, and follow the
// packages' JSDoc.

declare module '@agoric/kmarshal' {
  import type { CapData } from '@endo/marshal';

  /** A stand-in for a kref: a presence with `getKref`, or a promise tagged with it. */
  export type KCap = { getKref: () => string; iface: () => string } | Promise<unknown>;

  export function kslot(kref: string, iface?: string): KCap;
  export function krefOf(obj: unknown): string;
  export function kser(value: unknown): CapData<string>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- unserialized data has any shape
  export function kunser(serializedValue: CapData<string>): any;
  export function makeError(message: string): CapData<string>;
}

declare module '@agoric/xsnap/api.js' {
  export const METER_TYPE: string;
  export const ExitCode: {
    readonly E_UNKNOWN_ERROR: -1;
    readonly E_SUCCESS: 0;
    readonly E_BAD_USAGE: 1;
    readonly E_IO_ERROR: 2;
    readonly E_NOT_ENOUGH_MEMORY: 11;
    readonly E_STACK_OVERFLOW: 12;
    readonly E_UNHANDLED_EXCEPTION: 15;
    readonly E_NO_MORE_KEYS: 16;
    readonly E_TOO_MUCH_COMPUTATION: 17;
  };
  export const ErrorMessage: Readonly<Record<number, string>>;

  /** The worker ended with a non-zero exit code. */
  export class ErrorCode extends Error {
    constructor(code: number, message?: string);
    code: number;
  }

  /** The worker ended because of a signal. */
  export class ErrorSignal extends Error {
    constructor(signal: string, message?: string);
    code: string;
  }
}

declare module '@agoric/xsnap' {
  import type { spawn } from 'node:child_process';
  import type { createReadStream } from 'node:fs';
  import type { open, stat, unlink } from 'node:fs/promises';

  export { ErrorCode, ErrorMessage, ErrorSignal, ExitCode, METER_TYPE } from '@agoric/xsnap/api.js';

  export interface XSnapOptions {
    /** From `os.type()`: 'Linux' or 'Darwin'. */
    os: string;
    spawn: typeof spawn;
    fs: {
      open: typeof open;
      stat: typeof stat;
      unlink: typeof unlink;
      createReadStream: typeof createReadStream;
      /** Only needed with `snapshotUseFs`. */
      tmpName?: (
        options: { template?: string },
        callback: (err: Error | null, name: string) => void,
      ) => void;
    };
    handleCommand?: (request: Uint8Array) => Promise<Uint8Array>;
    name?: string;
    debug?: boolean;
    /** In bytes. */
    netstringMaxChunkSize?: number;
    /** In kB. */
    parserBufferSize?: number;
    snapshotStream?: AsyncIterable<Uint8Array>;
    snapshotDescription?: string;
    snapshotUseFs?: boolean;
    stdout?: 'ignore' | 'inherit' | 'pipe';
    stderr?: 'ignore' | 'inherit' | 'pipe';
    meteringLimit?: number;
    env?: Record<string, string | undefined>;
  }

  export interface MeterUsage {
    meterType: string;
    allocate: number | null;
    compute: number | null;
    currentHeapCount: number | null;
    timestamps: number[] | null;
  }

  export interface RunResult<T> {
    reply: T;
    meterUsage: MeterUsage;
  }

  export interface XSnap {
    name: string;
    issueCommand(message: Uint8Array): Promise<RunResult<Uint8Array>>;
    issueStringCommand(message: string): Promise<RunResult<string>>;
    isReady(): Promise<void>;
    /** Asks the worker to quit and waits for its exit. */
    close(): Promise<void>;
    terminate(): Promise<void>;
    evaluate(code: string): Promise<RunResult<Uint8Array>>;
    execute(fileName: string): Promise<void>;
    import(fileName: string): Promise<void>;
    makeSnapshotStream(description?: string): AsyncGenerator<Uint8Array, void, undefined>;
  }

  export function xsnap(options: XSnapOptions): Promise<XSnap>;
}

declare module '@agoric/xsnap-lockdown' {
  export interface Bundle {
    moduleFormat: string;
    source: string;
    sourceMap?: string;
  }
  export function getLockdownBundleSHA256(): Promise<string>;
  export function getLockdownBundle(): Promise<Bundle>;
  export function getDebugLockdownBundle(): Promise<Bundle>;
}

declare module '@agoric/xsnap-lockdown/src/paths.js' {
  export const bundlePaths: { lockdown: string; lockdownDebug: string; objectInspect: string };
  export const hashPaths: { lockdown: string; lockdownDebug: string };
}

declare module '@agoric/swingset-xsnap-supervisor' {
  export interface Bundle {
    moduleFormat: string;
    source: string;
    sourceMap?: string;
  }
  export function getSupervisorBundleSHA256(): Promise<string>;
  export function getSupervisorBundle(): Promise<Bundle>;
}

declare module '@agoric/swingset-xsnap-supervisor/src/paths.js' {
  export const bundlePaths: { supervisor: string };
  export const hashPaths: { supervisor: string };
}

/** Used only by vat sources. */
declare module '@agoric/vat-data';
