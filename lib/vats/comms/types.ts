/** Types of the comms vat, whose code is JavaScript because it is bundled. */

/** An entry of the vat's tables: `lo10` is an object, `lp20` a promise. */
export type LocalRef = string;
/** A reference between the kernel and this vat: `o+31`, `p-60`. */
export type VatRef = string;
/** A reference between a remote and this vat: `ro-20`, `rp+41`. The receiver allocated `+`. */
export type WireRef = string;
/** `kernel`, or a remote: `r1`. */
export type PlaceID = string;

export interface Data<Ref extends string = LocalRef> {
  readonly body: string;
  readonly slots: readonly Ref[];
}

export interface Resolution {
  readonly promise: LocalRef;
  readonly rejected: boolean;
  readonly data: Data;
}

/** The part of the syscall object that the vat uses. */
export interface Syscall {
  send(target: VatRef, methargs: Data<VatRef>, result?: VatRef): void;
  subscribe(vpid: VatRef): void;
  resolve(resolutions: readonly (readonly [VatRef, boolean, Data<VatRef>])[]): void;
  dropImports(vrefs: readonly VatRef[]): void;
  retireImports(vrefs: readonly VatRef[]): void;
  retireExports(vrefs: readonly VatRef[]): void;
  vatstoreGet(key: string): string | undefined;
  vatstoreSet(key: string, value: string): void;
  vatstoreDelete(key: string): void;
}

/** One side of the vat: the kernel or a remote. */
export interface Place {
  readonly id: PlaceID;
  /** The table entry for an inbound reference. Creates one for a new export of the place. */
  importRef(ref: string): LocalRef;
  /** The outbound reference for a table entry. Allocates one if the place has none. */
  exportRef(ref: LocalRef): string;
  /** Sends a message. The place becomes the decider of its result. */
  deliver(target: LocalRef, methargs: Data, result: LocalRef | undefined): void;
  /** Sends the resolutions of promises that the place has imported. */
  announce(promises: readonly LocalRef[]): void;
  /** Forgets a promise that the place itself resolved. */
  forgetPromise(promise: LocalRef): void;
  /** Forgets an object that its owner retired. Returns the place's reference to it. */
  loseImport(object: LocalRef): string;
  /** Sends the drops and retirements that the collector found. */
  sendCollected(work: CollectedWork): void;
  readonly clist: Clist;
}

/**
 * In one place's references: `drop` and `retireOwned` for its exports, `retireImported` for
 * imports.
 */
export interface CollectedWork {
  readonly drop: readonly string[];
  readonly retireOwned: readonly string[];
  readonly retireImported: readonly string[];
}

export interface Clist {
  /** The entry for an inbound reference. */
  lookUp(inbound: string): LocalRef | undefined;
  /** The outbound reference for an entry. */
  refFor(local: LocalRef): string | undefined;
  add(local: LocalRef, outbound: string): void;
  remove(local: LocalRef): void;
  /** Removes one reference of an entry that may have several. */
  removeRef(outbound: string): void;
  isReachable(object: LocalRef): boolean;
  setReachable(object: LocalRef, reachable: boolean): void;
}

/** One line of a message between comms vats. */
export type WireCommand =
  | {
      readonly type: 'deliver';
      readonly target: WireRef;
      readonly result: WireRef | undefined;
      readonly methargs: Data<WireRef>;
    }
  | {
      readonly type: 'resolve';
      readonly promise: WireRef;
      readonly rejected: boolean;
      readonly data: Data<WireRef>;
    }
  | {
      readonly type: 'gc';
      readonly action: 'dropExport' | 'retireExport' | 'retireImport';
      readonly object: WireRef;
    };

export interface WireMessage {
  /** Undefined if the sender leaves the numbering to the receiver. */
  readonly seqNum: number | undefined;
  /** The number of the last message that the sender has received. */
  readonly ackNum: number;
  readonly commands: readonly WireCommand[];
}
