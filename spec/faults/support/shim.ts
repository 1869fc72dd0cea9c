/** The library that stands between a process and libc for the files of one directory. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('disk-faults.c', import.meta.url));
const cache = fileURLToPath(
  new URL('../../../node_modules/.cache/swingset-kernel-faults', import.meta.url),
);

export type Shim = { readonly path: string } | { readonly missing: string };

/** Compiles `disk-faults.c` unless it has been, and says where it is, or why it can't be had. */
export const buildShim = (): Shim => {
  if (process.platform !== 'linux') {
    return { missing: `calls of libc are intercepted on Linux only, not on ${process.platform}` };
  }
  const version = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const path = join(cache, `disk-faults-${version}.so`);
  if (existsSync(path)) return { path };
  mkdirSync(cache, { recursive: true });
  const partial = `${path}.${process.pid}`;
  const args = ['-O2', '-Wall', '-shared', '-fPIC', '-o', partial, source, '-ldl', '-lpthread'];
  const { status, error, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    return { missing: 'there is no C compiler `cc`' };
  }
  if (status !== 0) throw Error(`cc failed: ${error ?? stderr}`);
  // Another spec may have been faster.
  renameSync(partial, path);
  return { path };
};
