import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The text of `spec/<name>.spec.ts` or `.slow.ts`. */
const specText = (name: string): string | undefined => {
  const path = [`spec/${name}.spec.ts`, `spec/${name}.slow.ts`].find(each =>
    existsSync(new URL(each, root)),
  );
  return path && read(path);
};

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
      const text = specText(name)?.replaceAll("\\'", "'");
      return !text?.includes(title);
    });
    expect(missing.map(([name, title]) => `${name} "${title}"`)).to.deep.equal([]);
  });

  it('names sources that exist', () => {
    const paths = [...doc.matchAll(/`(lib\/[a-zA-Z0-9/._-]+)`/g)].map(([, path]) => path ?? '');
    expect(paths.length).to.be.greaterThan(100);
    expect(paths.filter(path => !existsSync(new URL(path, root)))).to.deep.equal([]);
  });
});
