import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readTitles } from '../support/titles.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** `spec/<name>.spec.ts` or `.slow.ts`. */
const specFile = (name: string): string | undefined =>
  [`spec/${name}.spec.ts`, `spec/${name}.slow.ts`]
    .map(path => fileURLToPath(new URL(path, root)))
    .find(path => existsSync(path));

/** Each cited test: the specs named in a cell, with the titles that follow. */
const citations = (text: string): [name: string, title: string][] => {
  const found: [string, string][] = [];
  let name: string | undefined;
  for (const [, spec, title] of text.matchAll(/`([a-z-]+\/[a-z-]+)`|"([^"\n]+)"|\n/g)) {
    if (spec !== undefined) name = spec;
    else if (title === undefined) name = undefined;
    else if (name !== undefined) found.push([name, title]);
  }
  return found;
};

describe('docs/compatibility.md', () => {
  const doc = read('docs/compatibility.md');

  it('cites tests that exist', () => {
    const cited = citations(doc);
    expect(cited.length).to.be.greaterThan(150);
    const missing = cited.filter(([name, title]) => {
      const path = specFile(name);
      return path === undefined || !readTitles(path).has(title);
    });
    expect(missing.map(([name, title]) => `${name} "${title}"`)).to.deep.equal([]);
  });

  it('names sources that exist', () => {
    const paths = [...doc.matchAll(/`(lib\/[a-zA-Z0-9/._-]+)`/g)].map(([, path]) => path ?? '');
    expect(paths.length).to.be.greaterThan(100);
    expect(paths.filter(path => !existsSync(new URL(path, root)))).to.deep.equal([]);
  });
});
