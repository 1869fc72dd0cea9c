/**
 * Compiles a copy of the sources for the processes of the bench, which run plain Node: a loader of
 * TypeScript would add its own thread and memory to what is measured.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, 'node_modules/.cache/swingset-kernel-bench');

const SOURCES = ['lib', 'bench', 'spec/support', 'spec/real-vats'];
const LINKS = ['node_modules', 'schemas', 'spec/real-vats/node_modules'];
/** Files that code reads by path. */
const FILES = ['package.json'];

const isNewer = async (source: string, made: string): Promise<boolean> =>
  !existsSync(made) || (await stat(source)).mtimeMs > (await stat(made)).mtimeMs;

/** Types are checked by `npm run typecheck`. */
const transpile = async (source: string): Promise<string> =>
  ts.transpileModule(await readFile(source, 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
    },
  }).outputText;

const compileFile = async (source: string): Promise<void> => {
  if (source.endsWith('.d.ts')) return;
  const isTypeScript = source.endsWith('.ts');
  const path = join(target, relative(root, source).replace(/\.ts$/, '.js'));
  if (!(await isNewer(source, path))) return;
  await mkdir(join(path, '..'), { recursive: true });
  if (isTypeScript) await writeFile(path, await transpile(source));
  else await copyFile(source, path);
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
