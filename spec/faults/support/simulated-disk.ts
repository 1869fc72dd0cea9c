/**
 * A disk that forgets. What was written to a file is certain once the file was synced; before that,
 * any part of it may be lost in a power failure. A removal is certain once the directory, or a new
 * file of that name, was synced.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change } from './recorded-writes.js';

/** By path. */
export type Files = ReadonlyMap<string, Buffer>;

/** A disk writes whole sectors. */
const SECTOR = 512;

/** Whether a sector of a change that was not synced got to the disk; the first stands for all of a removal. */
export type Survives = (change: Change, sector: number) => boolean;

/** A file that changes in place. */
class Contents {
  readonly #bytes: Buffer;
  #length: number;

  constructor(bytes: Buffer | undefined, room: number) {
    this.#length = bytes?.length ?? 0;
    this.#bytes = Buffer.alloc(Math.max(this.#length, room));
    bytes?.copy(this.#bytes);
  }

  write(data: Buffer, offset: number): void {
    data.copy(this.#bytes, offset);
    this.#length = Math.max(this.#length, offset + data.length);
  }

  truncate(length: number): void {
    this.#bytes.fill(0, Math.min(this.#length, length));
    this.#length = length;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

const endOf = (change: Change): number => {
  if (change.kind === 'write') return change.offset + change.data.length;
  return change.kind === 'truncate' ? change.length : 0;
};

const writeSectors = (
  file: Contents,
  change: Change & { kind: 'write' },
  survives: Survives,
): void => {
  const { offset, data } = change;
  // Sectors of the file, not of the write.
  for (let from = 0; from < data.length;) {
    const sector = Math.floor((offset + from) / SECTOR);
    const to = Math.min(data.length, (sector + 1) * SECTOR - offset);
    if (survives(change, sector)) file.write(data.subarray(from, to), offset + from);
    from = to;
  }
};

/** The file after the changes, or undefined once it is removed. */
const changed = (
  before: Buffer | undefined,
  changes: readonly Change[],
  survives: Survives,
): Buffer | undefined => {
  const room = Math.max(0, ...changes.map(endOf));
  let file = before && new Contents(before, room);
  for (const change of changes) {
    switch (change.kind) {
      case 'write':
        file ??= new Contents(undefined, room);
        writeSectors(file, change, survives);
        break;
      case 'truncate':
        if (!survives(change, 0)) break;
        file ??= new Contents(undefined, room);
        file.truncate(change.length);
        break;
      case 'remove':
        // What follows went to another file of that name, which nobody can find then.
        if (!survives(change, 0)) return file?.finish();
        file = undefined;
        break;
      case 'sync':
        break;
      default:
        change satisfies never;
    }
  }
  return file?.finish();
};

const everything: Survives = () => true;

export class SimulatedDisk {
  readonly #certain: Map<string, Buffer>;
  readonly #pending = new Map<string, Change[]>();

  constructor(files: Files) {
    this.#certain = new Map(files);
  }

  #settle(name: string): void {
    const changes = this.#pending.get(name) ?? [];
    this.#pending.delete(name);
    const file = changed(this.#certain.get(name), changes, everything);
    if (file === undefined) this.#certain.delete(name);
    else this.#certain.set(name, file);
  }

  apply(change: Change): void {
    const { name } = change;
    if (change.kind !== 'sync') {
      const changes = this.#pending.get(name) ?? [];
      changes.push(change);
      this.#pending.set(name, changes);
      return;
    }
    if (this.#certain.has(name) || this.#pending.has(name)) {
      this.#settle(name);
      return;
    }
    // A directory: its entries are certain, not the contents of its files.
    for (const [path, changes] of [...this.#pending]) {
      if (dirname(path) !== name) continue;
      const last = changes.findLastIndex(({ kind }) => kind === 'remove');
      if (last < 0) continue;
      this.#certain.delete(path);
      this.#pending.set(path, changes.slice(last + 1));
      if (last + 1 === changes.length) this.#pending.delete(path);
    }
  }

  /** What is there after a power failure now. */
  afterPowerLoss(survives: Survives): Files {
    const names = new Set([...this.#certain.keys(), ...this.#pending.keys()]);
    const files = new Map<string, Buffer>();
    for (const name of names) {
      const file = changed(this.#certain.get(name), this.#pending.get(name) ?? [], survives);
      if (file !== undefined) files.set(name, file);
    }
    return files;
  }

  /** What is there after the process was killed now. */
  afterKill(): Files {
    return this.afterPowerLoss(everything);
  }
}

export const layFiles = (directory: string, files: Files): void => {
  for (const [name, bytes] of files) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
};
