/** The site of the documentation: `npm run docs:site` (issue 17). Any warning of TypeDoc fails it. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeTempDir } from '../support/swingset.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe("the documentation's site", () => {
  it('has each page of docs, and the API', () => {
    const site = join(makeTempDir(), 'site');
    const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');
    execFileSync(process.execPath, [typedoc, '--out', site], { cwd: root, stdio: 'pipe' });
    const pages = readdirSync(site, { recursive: true, encoding: 'utf8' });
    const documents = readdirSync(join(root, 'docs')).filter(file => file.endsWith('.md'));
    expect(pages).to.include.members(
      documents.map(name => join('documents', name.replace(/md$/, 'html'))),
    );
    expect(pages.some(path => path.endsWith('/index.makeSwingsetController.html'))).to.equal(true);
  });
});
