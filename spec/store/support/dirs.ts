import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Temporary directories, deleted after the suite. Call inside a `describe`. */
export const useTempDirs = (): ((name?: string) => string) => {
  let root: string;
  let count = 0;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'swingstore-spec-'));
  });
  after(() => {
    rmSync(root, { recursive: true, force: true });
  });
  /** A path in a new directory. Nothing is there yet. */
  return (name = 'store') => {
    count += 1;
    return join(root, `${count}`, name);
  };
};
