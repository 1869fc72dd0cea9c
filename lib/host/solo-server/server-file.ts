/**
 * The file in a home that says where its server listens.
 *
 * Invariant: a reader never takes another process for the server, so it shows the token to none. A
 * server that was killed leaves the file behind, and its port and process ID may be used again.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../../errors.js';
import { describeProcess } from '../../store/process-identity.js';
import { SoloServerNotFoundError } from './errors.js';

export interface ServerRecord {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly pid: number;
  /** Tells two processes with the same ID apart. */
  readonly processStartedAt: string | undefined;
}

const filePath = (home: string): string => join(home, 'solo-server.json');

export const writeServerFile = (home: string, url: string): void => {
  const { pid } = process;
  const record = { url, pid, processStartedAt: describeProcess(pid)?.startedAt };
  const path = filePath(home);
  // Whoever reads it finds all of it.
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

export const removeServerFile = (home: string): void => rmSync(filePath(home), { force: true });

const isRecord = (value: unknown): value is ServerRecord => {
  const { url, pid } = (value ?? {}) as Partial<ServerRecord>;
  return typeof url === 'string' && Number.isSafeInteger(pid);
};

/** Where the server of a home listens. @throws SoloServerNotFoundError */
export const findServer = (home: string): ServerRecord => {
  const path = filePath(home);
  let record: unknown;
  try {
    record = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const problem = isMissing ? `there is no ${path}` : `${path}: ${errorText(error)}`;
    throw new SoloServerNotFoundError(home, problem);
  }
  if (!isRecord(record)) throw new SoloServerNotFoundError(home, `${path} names no url and pid`);
  if (describeProcess(record.pid)?.startedAt !== record.processStartedAt) {
    const problem = `${path} is of process ${record.pid}, which has ended without a clean stop`;
    throw new SoloServerNotFoundError(home, problem);
  }
  return record;
};
