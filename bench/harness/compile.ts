/**
 * Compiles a copy of the sources for the processes of the bench, which run plain Node: a loader of
 * TypeScript would add its own thread and memory to what is measured.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'node_modules/.cache/swingset-kernel-bench');

const SOURCES = ['lib', 'bench', 'spec/support', 'spec/real-vats'];
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

/** Replaces a file as a whole: another bench may be reading it. */
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

/** @returns the path of the compiled `child.ts` */
export const compileSources = async (): Promise<string> => {
  for (const folder of SOURCES) await compileFolder(join(root, folder));
  for (const file of FILES) await compileFile(join(root, file));
  for (const link of LINKS) {
    const [from, to] = [join(root, link), join(target, link)];
    if (existsSync(from) && !existsSync(to)) await symlink(from, to);
  }
  return join(target, 'bench/harness/child.js');
};
