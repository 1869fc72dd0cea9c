/**
 * Builds the engine that specs of chains need, CometBFT, and prints the path of the program:
 * `node scripts/engine.mjs`. `spec/abci/go.mod` says which version, and go.sum what its bytes are.
 *
 * Go keeps what it compiled in a cache of its own, so only the first build takes minutes. The
 * program is under node_modules/.cache, where nothing is committed.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');

/** Where go.mod is, and the program that makes vectors. */
export const goModule = join(root, 'spec/abci');

const PROGRAM = 'github.com/cometbft/cometbft/cmd/cometbft';

const engineVersion = () => {
  const text = readFileSync(join(goModule, 'go.mod'), 'utf8');
  const [, version] = /github\.com\/cometbft\/cometbft (v\S+)/.exec(text) ?? [];
  if (version === undefined) throw Error('spec/abci/go.mod names no version of cometbft');
  return version;
};

/** Where the program is once it is built. */
const enginePath = () => join(root, 'node_modules/.cache/cometbft', engineVersion(), 'cometbft');

/**
 * Runs Go in the module. Resolves to what it prints.
 * @param {readonly string[]} args
 * @returns {Promise<string>}
 */
export const runGo = args =>
  new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd: goModule,
      env: { ...process.env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = [];
    const errors = [];
    child.stdout.on('data', chunk => output.push(chunk));
    child.stderr.on('data', chunk => errors.push(chunk));
    child.once('error', error =>
      reject(error.code === 'ENOENT' ? Error('Go is not installed (no `go` in the path)') : error),
    );
    child.once('close', code => {
      if (code === 0) return resolve(Buffer.concat(output).toString());
      const reason = Buffer.concat(errors).toString().trim();
      return reject(Error(`go ${args.join(' ')} failed with status ${code}: ${reason}`));
    });
  });

/**
 * The path of the engine, which is built if it was not.
 * @returns {Promise<string>}
 */
export const buildEngine = async () => {
  const path = enginePath();
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  // Others may build at the same time: the last one replaces an equal program.
  const temporary = `${path}.${process.pid}`;
  await runGo(['build', '-trimpath', '-buildvcs=false', '-o', temporary, PROGRAM]);
  renameSync(temporary, path);
  return path;
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    console.log(await buildEngine());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
