/** Types of the comms vat. Its code is JavaScript, as bundled sources are. */

/** An entry of the vat's own tables: `lo10` an object, `lp20` a promise. */
export type LocalRef = string;
/** As the kernel and this vat know it: `o+31`, `p-60`. */
export type VatRef = string;
/** As a remote and this vat know it: `ro-20`, `rp+41`; `+` is what the reader has allocated. */
export type WireRef = string;
/** `kernel`, or a remote by its number: `r1`. */
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

/** What the vat asks of the kernel: the part of the syscall object that it uses. */
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

/** Where references come from and go to: the kernel, or a remote. */
export interface Place {
  readonly id: PlaceID;
  /** The table entry for a reference that came from there; a new one where it introduces it. */
  importRef(ref: string): LocalRef;
  /** The reference by which to mention a table entry there; introduces it if need be. */
  exportRef(ref: LocalRef): string;
  /** Sends a message; the right to decide its result goes with it. */
  deliver(target: LocalRef, methargs: Data, result: LocalRef | undefined): void;
  /** Tells how promises that this place knows were resolved. */
  announce(promises: readonly LocalRef[]): void;
  /** Forgets a promise that this place itself has resolved. */
  forgetPromise(promise: LocalRef): void;
  /** Forgets an object that its owner has retired; returns its reference here. */
  loseImport(object: LocalRef): string;
  /** Passes on what the collector found. */
  sendCollected(work: CollectedWork): void;
  readonly clist: Clist;
}

/** References of one place: `drop` and `retireOwned` to the owner, `retireImported` from it. */
export interface CollectedWork {
  readonly drop: readonly string[];
  readonly retireOwned: readonly string[];
  readonly retireImported: readonly string[];
}

export interface Clist {
  /** The entry for a reference that came in. */
  lookUp(inbound: string): LocalRef | undefined;
  /** The reference to send for an entry. */
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
  /** Undefined where the sender leaves counting to us. */
  readonly seqNum: number | undefined;
  /** The last of our messages that the sender had seen. */
  readonly ackNum: number;
  readonly commands: readonly WireCommand[];
}
