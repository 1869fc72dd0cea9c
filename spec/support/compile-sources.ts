/**
 * Compiles a copy of the sources for processes that run plain Node: those of benches, where a loader
 * of TypeScript would add its thread and memory to what is measured, and hosts that long runs start
 * thousands of times.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'node_modules/.cache/swingset-kernel-compiled');

const LINKS = ['node_modules', 'schemas', 'spec/real-vats/node_modules'];
/** Files that code reads by path. */
const FILES = ['package.json'];

/** Types are checked by `npm run typecheck`. */
const transpile = async (source: string): Promise<string> =>
  ts.transpileModule(await readFile(source, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
    },
  }).outputText;

/** Replaces a file as a whole: another process may be reading it. */
const replaceFile = async (path: string, text: string): Promise<void> => {
  const partial = `${path}.${process.pid}.partial`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(partial, text);
  await rename(partial, path);
};

const compileFile = async (source: string): Promise<void> => {
  if (source.endsWith('.d.ts')) return;
  const isTypeScript = source.endsWith('.ts');
  const path = join(target, relative(root, source).replace(/\.ts$/, '.js'));
  await replaceFile(path, isTypeScript ? await transpile(source) : await readFile(source, 'utf8'));
};

const compileFolder = async (folder: string): Promise<void> => {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) await compileFile(path);
    else if (entry.isDirectory() && entry.name !== 'node_modules') await compileFolder(path);
  }
};

/**
 * Compiles folders of this project, and links what they read.
 * @returns the directory that holds the compiled copy
 */
export const compileSources = async (folders: readonly string[]): Promise<string> => {
  for (const folder of folders) await compileFolder(join(root, folder));
  for (const file of FILES) await compileFile(join(root, file));
  for (const link of LINKS) {
    const [from, to] = [join(root, link), join(target, link)];
    if (!existsSync(from) || existsSync(to)) continue;
    await mkdir(dirname(to), { recursive: true });
    await symlink(from, to);
  }
  return target;
};
