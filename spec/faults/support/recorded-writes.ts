/** What a process wrote to its disk, as `disk-faults.c` recorded it. */
import { readFileSync } from 'node:fs';

export type Change =
  | {
      readonly kind: 'write';
      readonly name: string;
      readonly offset: number;
      readonly data: Buffer;
    }
  | { readonly kind: 'truncate'; readonly name: string; readonly length: number }
  /** Of a file or a directory. */
  | { readonly kind: 'sync'; readonly name: string }
  | { readonly kind: 'remove'; readonly name: string };

/** Kinds of records, as in `disk-faults.c`. */
const KINDS = ['', 'write', 'truncate', 'sync', 'remove'] as const;

/** kind (4 bytes), length of the name (4), offset (8), length of the data (8). */
const HEAD = 24;

/** Paths are those below the directory that was watched. */
export const readChanges = (log: string): readonly Change[] => {
  const bytes = readFileSync(log);
  const changes: Change[] = [];
  for (let at = 0; at < bytes.length;) {
    const kind = KINDS[bytes.readUInt32LE(at)];
    const data = at + HEAD + bytes.readUInt32LE(at + 4);
    const offset = Number(bytes.readBigUInt64LE(at + 8));
    const end = data + Number(bytes.readBigUInt64LE(at + 16));
    const name = bytes.toString('utf8', at + HEAD, data);
    switch (kind) {
      case 'write':
        changes.push({ kind, name, offset, data: bytes.subarray(data, end) });
        break;
      case 'truncate':
        changes.push({ kind, name, length: offset });
        break;
      case 'sync':
      case 'remove':
        changes.push({ kind, name });
        break;
      default:
        throw Error(`no record at byte ${at}`);
    }
    at = end;
  }
  return changes;
};
