/**
 * The commands of the documentation in shells and processes of their own, and those that the quick
 * specs only parse: chains on the real engine, the README's example, a test of vats. `npm run
 * test:docs`.
 */
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { needEngine } from '../../support/engine.js';
import { freePort } from '../../support/free-port.js';
import { blockOf, root } from '../support/blocks.js';
import { importSources } from '../support/package-paths.js';
import { at, makeOriginal, type Place } from './place.js';
import { stories, type Story } from './stories.js';
import { storyPages, tellStory } from './tell-story.js';
import { openProcessTerminal, type Terminal } from './terminals.js';

const CHAIN = 'docs/chain.md';

const tsx = join(root, 'node_modules/tsx/dist/esm/index.mjs');

/** Runs a program that must succeed. */
const done = (directory: string, program: string, ...args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, args, { cwd: directory, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      error ? reject(Error(`${error.message}\n${stdout}\n${stderr}`)) : resolve(stdout),
    );
  });

interface NodeStatus {
  readonly engine: { readonly nodeID: string; readonly height: number };
}

/** Resolves to a node's ID once it is past a height. */
const reach = async ({ terminal }: Place, home: string, height: number): Promise<string> => {
  for (;;) {
    const { code, text } = await terminal.run(`swingset-kernel chain status --home ${home} --json`);
    const status = code === 0 ? (JSON.parse(text) as NodeStatus) : undefined;
    if (status && status.engine.height >= height) return status.engine.nodeID;
    await delay(500);
  }
};

/** The second node is on this machine, beside the first. */
const joined = '--home ./joined --base-port 27656';

/** Fills in for the lines that the quick story only parses. */
const makeChainStory = (): Story => {
  let firstNode = '';
  const { unrun = {} } = stories[CHAIN] ?? {};
  const names = Object.keys(unrun).filter(name => !name.startsWith('swingset-kernel '));
  return {
    unrun: Object.fromEntries(names.flatMap(name => (unrun[name] ? [[name, unrun[name]]] : []))),
    steps: {
      'swingset-kernel chain start --home ./testnet/node0': {
        after: async place => {
          for (const node of [1, 2, 3]) {
            await place.terminal.run(`swingset-kernel chain start --home ./testnet/node${node}`);
          }
          await reach(place, './testnet/node0', 2);
        },
      },
      'swingset-kernel chain status --home ./testnet/node0': {
        shows: [/^board-1: node0 at /, /^height \d+, /m],
        after: place => place.terminal.end(),
      },
      'swingset-kernel chain start --home ./node': {
        after: async place => {
          firstNode = await reach(place, './node', 2);
          cpSync(at(place, 'node/config/genesis.json'), at(place, 'genesis.json'));
          cpSync(at(place, 'node/config/admin-key.json'), at(place, 'admin-key.json'));
        },
      },
      'swingset-kernel chain join --home ./node --genesis genesis.json --peer <node id>@<host>:26656':
        {
          instead: line =>
            line
              .replace('--home ./node', joined)
              .replace('<node id>@<host>', `${firstNode}@127.0.0.1`),
        },
      'swingset-kernel chain start --home ./node (2)': {
        instead: line => line.replace('./node', './joined'),
        after: place => reach(place, './joined', 2),
      },
      'swingset-kernel chain query /plan --home ./node': { shows: [/summer/, /120000/] },
      'swingset-kernel chain join --home ./node --genesis genesis.json --peer <id>@<host>:26656 --state-sync http://<host>:26657 --trust-height 119000 --trust-hash <hash of that block>':
        {
          // Nothing is asked of the network: the block to trust is given.
          instead: line =>
            line
              .replace('--home ./node', '--home ./third --base-port 28656')
              .replace('<id>@<host>', `${firstNode}@127.0.0.1`)
              .replace('<host>', '127.0.0.1')
              .replace('<hash of that block>', 'A'.repeat(64)),
        },
    },
  };
};

describe('the documentation, in shells', () => {
  let original: string;
  let base: string;
  let path: string;

  before('make a swingset and the programs', async () => {
    base = mkdtempSync(join(tmpdir(), 'documentation-'));
    original = await makeOriginal();
    const bin = join(base, 'bin');
    mkdirSync(bin);
    const program = join(root, 'bin/swingset-kernel.js');
    for (const [name, script] of [
      ['swingset-kernel', `exec '${process.execPath}' '${program}' "$@"`],
      // What npm would find in the project.
      ['npx', 'program=$1; shift; exec "$program" "$@"'],
    ] as const) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    path = [bin, process.env['PATH']].join(delimiter);
  });

  after(() => {
    for (const directory of [original, base]) {
      if (directory) rmSync(directory, { recursive: true });
    }
  });

  let terminal: Terminal | undefined;

  afterEach('leave the place', () => terminal?.end());

  const enter = async (more: readonly string[] = []): Promise<Place> => {
    const directory = mkdtempSync(join(base, 'place-'));
    cpSync(original, directory, { recursive: true, verbatimSymlinks: true });
    const PATH = [...more, path].join(delimiter);
    terminal = openProcessTerminal(directory, { ...process.env, PATH });
    return { directory, terminal, port: String(await freePort()), kpid: '' };
  };

  for (const page of storyPages.filter(each => each !== CHAIN)) {
    it(`has commands in ${page} that do what it says`, async () => tellStory(page, await enter()));
  }

  it('has commands for chains that do what it says', async function () {
    const engine = await needEngine(this);
    await tellStory(CHAIN, await enter([dirname(engine)]), makeChainStory());
  });

  it("has an example in the README that shows an epoch's restart", async () => {
    expect(await done(root, 'npm', 'start')).to.match(/restarted/);
  });

  it('has a host in the README that runs as a process', async () => {
    const { directory } = await enter();
    rmSync(join(directory, 'store'), { recursive: true });
    writeFileSync(
      join(directory, 'host.js'),
      importSources(blockOf('README.md: Write your own host').text),
    );
    // The first boot restarts nothing, and reports nothing.
    expect(await done(directory, process.execPath, '--import', tsx, 'host.js')).to.equal('');
    const program = join(root, 'bin/swingset-kernel.js');
    const status = await done(directory, process.execPath, program, 'status', '--home', 'store');
    expect(status).to.match(/^platform epoch spring \(/m);
  });

  it('has a test of vats that passes', async () => {
    const { directory } = await enter();
    const { text } = blockOf('docs/vat-author.md: Test your vats');
    for (const folder of ['src', 'test']) mkdirSync(join(directory, folder));
    cpSync(
      join(root, 'spec/docs/stories/vats/vat-counter.js'),
      join(directory, 'src/vat-counter.js'),
    );
    writeFileSync(join(directory, 'test/counter.test.js'), importSources(text));
    const output = await done(
      directory,
      process.execPath,
      ...['--import', tsx],
      ...['--test', '--test-reporter=tap', 'test/counter.test.js'],
    );
    expect(output)
      .to.match(/^# pass 3$/m)
      .and.match(/^# fail 0$/m);
  });
});
