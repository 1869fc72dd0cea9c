/** Counts a vat's c-list. */
import type { KernelState } from '../state/kernel-state.js';
import { parseVRef, type VatID } from '../types/ids.js';

/** Entries of one kind: imports are the kernel's, exports the vat's own. */
export interface ImportsAndExports<Count> {
  readonly imports: Count;
  readonly exports: Count;
}

/** `recognizable` entries are only that: the vat has dropped them, but knows them again. */
export interface ObjectCount {
  readonly reachable: number;
  readonly recognizable: number;
}

export interface ClistSizes {
  readonly objects: ImportsAndExports<ObjectCount>;
  /** Whoever mentioned the promise first made its entry: a vat exports the promises it makes. */
  readonly promises: ImportsAndExports<number>;
  readonly devices: ImportsAndExports<number>;
}

/** Reads the whole c-list once. */
export const countClist = (state: Pick<KernelState, 'clist'>, vatID: VatID): ClistSizes => {
  const counts = new Map<string, number>();
  for (const [, { vref, isExport, reachable }] of state.clist(vatID).entries()) {
    const key = `${parseVRef(vref).type} ${isExport} ${reachable}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const count = (type: string, isExport: boolean, reachable: boolean): number =>
    counts.get(`${type} ${isExport} ${reachable}`) ?? 0;
  const objects = (isExport: boolean): ObjectCount => ({
    reachable: count('object', isExport, true),
    recognizable: count('object', isExport, false),
  });
  const others = (type: 'promise' | 'device'): ImportsAndExports<number> => ({
    imports: count(type, false, true),
    exports: count(type, true, true),
  });
  return {
    objects: { imports: objects(false), exports: objects(true) },
    promises: others('promise'),
    devices: others('device'),
  };
};
