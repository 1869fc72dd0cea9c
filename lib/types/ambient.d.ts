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
