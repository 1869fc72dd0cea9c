/**
 * The package as `npm pack` makes it, installed into an empty project in JavaScript and TypeScript
 * (issue 17). `npm run test:package`. It takes the compiled parts of dependencies from this
 * repository; with `BUILD=1` npm compiles them, which takes minutes.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = fileURLToPath(new URL('./project', import.meta.url));
const isBuilt = process.env.BUILD === '1';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (cwd: string, program: string, ...args: string[]): Promise<Outcome> =>
  new Promise(resolve => {
    execFile(program, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error ? Number((error as { code?: number }).code ?? -1) : 0;
      resolve({ code, stdout, stderr });
    });
  });

describe('the installed package', () => {
  let directory: string;
  let home: string;
  let installed: string;

  /** The output of a program that must succeed. */
  const done = async (program: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(home, program, ...args);
    expect(code, `${program} ${args.join(' ')}\n${stdout}\n${stderr}`).to.equal(0);
    return stdout;
  };
  const cli = (...args: string[]) =>
    done(process.execPath, join(home, 'node_modules/.bin/swingset-kernel'), ...args);

  before('pack and install', async () => {
    directory = mkdtempSync(join(tmpdir(), 'installed-'));
    home = join(directory, 'project');
    cpSync(project, home, { recursive: true });
    const packed = await run(root, 'npm', 'pack', '--json', '--pack-destination', home);
    expect(packed.code, packed.stderr).to.equal(0);
    const [tarball = ''] = readdirSync(home).filter(name => name.endsWith('.tgz'));
    cpSync(join(home, tarball), join(home, 'swingset-kernel.tgz'));
    rmSync(join(home, tarball));
    await done(
      'npm',
      'install',
      '--no-fund',
      '--no-audit',
      ...(isBuilt ? [] : ['--ignore-scripts']),
    );
    installed = join(home, 'node_modules/swingset-kernel');
    if (isBuilt) return;
    for (const name of ['@agoric/xsnap', 'better-sqlite3']) {
      cpSync(join(root, 'node_modules', name), join(home, 'node_modules', name), {
        recursive: true,
      });
    }
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  it('has one copy of better-sqlite3', async () => {
    const { stdout } = await run(home, 'npm', 'ls', 'better-sqlite3', '--all', '--json');
    const versions = (name: string) =>
      new Set(
        [...stdout.matchAll(RegExp(`"${name}": \\{\\s*"version": "([^"]+)"`, 'g'))].map(
          ([, v]) => v,
        ),
      );
    expect([...versions('better-sqlite3')]).to.have.length(1);
  });

  it('holds what its documentation links to', () => {
    const pages = ['README.md', 'CHANGELOG.md'].concat(
      ...['docs', 'examples', 'lib'].map(folder =>
        readdirSync(join(installed, folder), { recursive: true, encoding: 'utf8' })
          .filter(name => name.endsWith('.md'))
          .map(name => join(folder, name)),
      ),
    );
    const broken = pages.flatMap(page => {
      const text = readFileSync(join(installed, page), 'utf8')
        .replace(/^```[^]*?^```$/gm, '')
        .replaceAll(/`[^`]*`/g, '');
      return [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)]
        .map(([, target = '']) => join(dirname(page), target))
        .filter(target => !existsSync(join(installed, target)))
        .map(target => `${page}: ${target}`);
    });
    // What explains the specs and benches stays with them.
    expect(broken.filter(each => !/: (?:spec|bench)\//.test(each))).to.deep.equal([]);
  });

  it('runs from JavaScript', async () => {
    const { first, second } = JSON.parse(await done(process.execPath, 'host.js')) as Record<
      'first' | 'second',
      { readonly cranks: number; readonly results: readonly string[] }
    >;
    expect(first.results).to.deep.equal([]);
    expect(first.cranks).to.be.above(0);
    expect(second.results.length).to.be.above(1);
    expect(new Set(second.results)).to.deep.equal(new Set(['restarted']));
  });

  it('has types that pass strict checks without skipLibCheck', async () => {
    const { stdout } = await run(
      home,
      process.execPath,
      join(home, 'node_modules/typescript/bin/tsc'),
      ...['-p', '.'],
    );
    // @endo/marshal's own declarations name a type that ses 1.15 lacks.
    const theirs = /^node_modules\/@endo\/marshal\//;
    const errors = stdout.split('\n').filter(line => /error TS/.test(line) && !theirs.test(line));
    expect(errors).to.deep.equal([]);
  });

  it('has a command line whose vats know the time', async () => {
    const made = await cli('run', 'swingset.json', '--home', 'store', '--epoch', '1', '--json');
    const { bootstrap } = JSON.parse(made) as { readonly bootstrap: object };
    expect(bootstrap).to.deep.equal({ state: 'fulfilled', value: '#"hello, world"' });
    expect(await cli('status', '--home', 'store')).to.match(/platform epoch 1 \(/);
    expect(await cli('--version')).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('says what a vat lacks', async () => {
    const bare = join(home, 'bare');
    cpSync(join(project, 'vats'), join(bare, 'vats'), { recursive: true });
    cpSync(join(project, 'swingset.json'), join(bare, 'swingset.json'));
    writeFileSync(join(bare, 'package.json'), '{ "name": "bare", "type": "module" }');
    const { code, stderr } = await run(
      home,
      process.execPath,
      join(home, 'node_modules/.bin/swingset-kernel'),
      ...['run', 'bare/swingset.json', '--home', 'other'],
    );
    expect(code).to.equal(1);
    expect(stderr).to.match(/add @endo\/far to the dependencies in \S+package\.json/);
  });
});
