/** What `npm pack` puts into the tarball: all that the README links to, and nothing that only we use. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Without `dist`, which a build makes, and without npm's network. */
const packedFiles = (): readonly string[] => {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
  const [report] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as { readonly files: readonly { readonly path: string }[] }[];
  return (report?.files ?? []).map(({ path }) => path).sort();
};

describe('the package', () => {
  let files: readonly string[];

  before(() => {
    files = packedFiles();
  });

  it('holds what the README links to', () => {
    const readme = readFileSync(`${root}README.md`, 'utf8');
    const targets = [...readme.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)].map(
      ([, target = '']) => target,
    );
    expect(targets).to.include.members(['docs/platform-epochs.md', 'lib/kernel/README.md']);
    expect(targets.filter(target => !files.includes(target))).to.deep.equal([]);
    expect(files).to.include('examples/main.ts');
  });

  it('holds nothing that only this repository uses', () => {
    const tops = new Set(files.map(path => path.split('/')[0] ?? ''));
    tops.delete('dist');
    expect([...tops].sort()).to.deep.equal([
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'bin', 'docs', 'examples'],
      ...['lib', 'package.json', 'schemas'],
    ]);
    expect(
      files.filter(path => /\.(spec|slow)\.ts$|\.log$|\.sqlite|\/\./.test(path)),
    ).to.deep.equal([]);
  });
});
