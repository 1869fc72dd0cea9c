/**
 * What a build read, found missing, or was led to by a link: as long as all of that is the same, so
 * is the bundle. Everything a bundler learns of the file system goes through `makeTrackedPowers`:
 * modules, every `package.json`, places where there was none, links on the way to a package.
 */
import crypto, { createHash } from 'node:crypto';
import fs from 'node:fs';
import url from 'node:url';
import { makeReadPowers } from '@endo/compartment-mapper/node-powers.js';

/** A file as it was read, or the code of the error that was there in its place. */
type FileRecord =
  | {
      /** Equal for a file that was not touched; empty when it was too young to tell by. */
      stat: string;
      readonly digest: string;
    }
  | { readonly missing: string };

/** Plain data: a cache on disk holds it as JSON. */
export interface BuildRecord {
  readonly files: Record<string, FileRecord>;
  /** Where each path led, links resolved; null where there was nothing. */
  readonly links: Record<string, string | null>;
}

/** Milliseconds in which a file system may give two changes one time. */
const CLOCK_STEP = 100;

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown';
};

/** The time of change is the file system's own; that of modification is what an unpacker sets. */
const statOf = async (path: string): Promise<string> => {
  const { ctimeNs, ctimeMs, size, ino } = await fs.promises.stat(path, { bigint: true });
  return Date.now() - Number(ctimeMs) > CLOCK_STEP ? `${ctimeNs} ${size} ${ino}` : '';
};

const realpathOf = async (path: string): Promise<string | null> => {
  try {
    return await fs.promises.realpath(path);
  } catch {
    return null;
  }
};

/** Powers for a bundler, and the record that grows while it uses them. */
export const makeTrackedPowers = (): { readonly powers: object; readonly record: BuildRecord } => {
  const record: BuildRecord = { files: {}, links: {} };
  const promises = {
    readFile: async (path: string) => {
      try {
        // Before the bytes: a change in between shows as one.
        const stat = await statOf(path);
        const bytes = await fs.promises.readFile(path);
        record.files[path] = { stat, digest: digestOf(bytes) };
        return bytes;
      } catch (error) {
        record.files[path] = { missing: codeOf(error) };
        throw error;
      }
    },
    realpath: async (path: string) => {
      try {
        const target = await fs.promises.realpath(path);
        record.links[path] = target;
        return target;
      } catch (error) {
        record.links[path] = null;
        throw error;
      }
    },
  };
  const trackedFs = { ...fs, promises: { ...fs.promises, ...promises } } as typeof fs;
  return { powers: makeReadPowers({ fs: trackedFs, url, crypto }), record };
};

const isFileSame = async (path: string, known: FileRecord): Promise<boolean> => {
  try {
    if ('missing' in known) {
      await fs.promises.readFile(path);
      return false;
    }
    const stat = await statOf(path);
    if (stat !== '' && stat === known.stat) return true;
    // Touched, or copied along with the record: the contents decide.
    if (digestOf(await fs.promises.readFile(path)) !== known.digest) return false;
    known.stat = stat;
    return true;
  } catch (error) {
    return 'missing' in known && known.missing === codeOf(error);
  }
};

/** Whether a build now would read what the recorded one read. */
export const isUnchanged = async ({ files, links }: BuildRecord): Promise<boolean> => {
  const checks = [
    ...Object.entries(files).map(async ([path, known]) => isFileSame(path, known)),
    ...Object.entries(links).map(async ([path, target]) => (await realpathOf(path)) === target),
  ];
  return !(await Promise.all(checks)).includes(false);
};
