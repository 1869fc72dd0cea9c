import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));

const pagesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.md'))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(path => !path.includes('node_modules'));

const pages = [
  ...readdirSync(root).filter(name => name.endsWith('.md')),
  ...['docs', 'lib', 'spec', 'examples'].flatMap(pagesIn),
].sort();

/** Without code, in which links and headings are none. */
const proseOf = (path: string): string =>
  readFileSync(join(root, path), 'utf8')
    .replace(/^```[^]*?^```$/gm, '')
    .replace(/^ {4}.*$/gm, '');

/** As GitHub makes anchors of headings. */
const anchorsOf = (path: string): ReadonlySet<string> => {
  const seen = new Map<string, number>();
  const headings = [...proseOf(path).matchAll(/^#+ +(.*?) *$/gm)].map(([, heading = '']) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  return new Set(headings);
};

/** Why a link of the page leads nowhere; undefined for a good one. */
const flawOf = (page: string, target: string): string | undefined => {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : join(dirname(page), decodeURIComponent(path));
  if (!existsSync(join(root, file))) return `no file ${file}`;
  if (anchor === undefined) return undefined;
  return anchorsOf(file).has(anchor) ? undefined : `no heading #${anchor} in ${file}`;
};

describe('relative links of the documentation', () => {
  const links = pages.flatMap(page =>
    [...proseOf(page).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(
      ([, target = '']) => [page, target] as const,
    ),
  );

  it('lead to files and headings', () => {
    expect(links.length).to.be.greaterThan(20);
    const broken = links.flatMap(([page, target]) => {
      const flaw = flawOf(page, target);
      return flaw === undefined ? [] : [`${page}: ${target}: ${flaw}`];
    });
    expect(broken).to.deep.equal([]);
  });

  it('are found broken where they are', () => {
    expect(flawOf('README.md', 'docs/nowhere.md')).to.equal('no file docs/nowhere.md');
    expect(flawOf('README.md', '#nowhere')).to.equal('no heading #nowhere in README.md');
    expect(flawOf('docs/limits.md', '../README.md#nowhere')).to.equal(
      'no heading #nowhere in README.md',
    );
  });
});
