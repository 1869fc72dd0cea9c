/**
 * Lets endo's bundler load Babel in a process that runs under tsx (`npx tsx`, `--import tsx`).
 *
 * Before Node links a CommonJS module into an ES module, it looks for the names that the module
 * exports, and asks the CommonJS resolver for the files that it re-exports. tsx replaces the
 * resolver by one that looks for Node's own frames in `Error().stack`. Lockdown removes those
 * frames, so tsx's resolver throws a TypeError, Node ignores it, and `import * as types from
 * '@babel/types'` has none of the re-exported names: `t.identifier is not a function`.
 *
 * While `run` is pending, a relative path that the resolver fails at is resolved here.
 */
import { existsSync } from 'node:fs';
import Module from 'node:module';
import { dirname, resolve } from 'node:path';

interface Parent {
  readonly filename?: string | null;
}
type ResolveFilename = (request: string, parent?: Parent | null, ...rest: unknown[]) => string;

const loader = Module as unknown as { _resolveFilename: ResolveFilename };

/** That there is no such file is an answer. Anything else is a resolver that is out of order. */
const isAnswer = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | undefined)?.code === 'MODULE_NOT_FOUND';

const findBeside = (request: string, parent: Parent | null | undefined): string | undefined => {
  if (!parent?.filename || !/^\.\.?\//.test(request)) return undefined;
  const path = resolve(dirname(parent.filename), request);
  return existsSync(path) ? path : undefined;
};

let pending = 0;
let original: ResolveFilename | undefined;

const install = (): void => {
  pending += 1;
  if (original) return;
  const resolver = loader._resolveFilename;
  original = resolver;
  loader._resolveFilename = function resolveFilename(this: unknown, request, parent, ...rest) {
    try {
      return Reflect.apply(resolver, this, [request, parent, ...rest]);
    } catch (error) {
      const path = isAnswer(error) ? undefined : findBeside(request, parent);
      if (path === undefined) throw error;
      return path;
    }
  };
};

const uninstall = (): void => {
  pending -= 1;
  if (pending > 0 || !original) return;
  loader._resolveFilename = original;
  original = undefined;
};

/** Runs something that may load Babel, and answers what it answers. */
export const withSpareResolver = async <T>(run: () => Promise<T>): Promise<T> => {
  install();
  try {
    return await run();
  } finally {
    uninstall();
  }
};
