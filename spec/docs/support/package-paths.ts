/** Where this package's own paths lead in a checkout, which has no `dist`. */
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { root } from './blocks.js';

type Target = string | { readonly types: string };

const { name, exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  readonly name: string;
  readonly exports: Readonly<Record<string, Target>>;
};

/** `dist/index.d.ts` is compiled from `lib/index.ts`. */
const sourceOf = (types: string): string => {
  const source = types.replace(/^\.\/dist\//, `${root}lib/`).replace(/\.d\.ts$/, '');
  return existsSync(`${source}.ts`) ? `${source}.ts` : `${source}.js`;
};

/** Sources by specifier: `swingset-kernel/chain` is `lib/chain.ts`. */
export const packagePaths: ReadonlyMap<string, string> = new Map(
  Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [[path.replace(/^\./, name), sourceOf(target.types)] as const],
  ),
);

/** The text with the sources in place of this package's name. */
export const importSources = (text: string): string =>
  text.replaceAll(/(?<=\bfrom )'(swingset-kernel[^']*)'/g, (quoted, specifier: string) => {
    const source = packagePaths.get(specifier);
    return source === undefined ? quoted : `'${pathToFileURL(source).href}'`;
  });
