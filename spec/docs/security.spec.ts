/** `SECURITY.md` says which code and which specs hold each claim: they must be there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');

describe('the threat model', () => {
  it('names code and specs that are there', () => {
    const rows = text.split('\n').filter(line => line.startsWith('| '));
    const missing = rows.flatMap(row => {
      let folder = '';
      return [...row.matchAll(/`([\w./-]+\.(?:ts|js))`/g)].flatMap(([, name = '']) => {
        // A second file of a list may leave out the folder of the first.
        const path = name.includes('/') ? name : join(folder, name);
        folder = dirname(path);
        return existsSync(join(root, path)) ? [] : [path];
      });
    });
    expect(rows.length).to.be.greaterThan(30);
    expect(missing).to.deep.equal([]);
  });

  it('names fuzzers that are there, and leaves out only that of options', () => {
    const named = [...text.matchAll(/fuzzer `([\w-]+)`/g)].map(([, name = '']) => name);
    const known = readdirSync(join(root, 'spec/fuzz/targets'))
      .map(file => file.replace(/\.ts$/, ''))
      .filter(name => name !== 'configuration');
    expect([...new Set(named)].sort()).to.deep.equal(known.sort());
  });
});
