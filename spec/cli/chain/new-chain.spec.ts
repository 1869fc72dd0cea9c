import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseCommandLine } from '../../../lib/cli/args.js';
import { joinChain, makeTestnet } from '../../../lib/cli/chain/new-chain.js';
import type { TestnetArgs } from '../../../lib/cli/chain/chain-args.js';
import { readEngineSetting } from '../../../lib/cli/chain/home/engine-config.js';
import { readNodeConfig, openHome } from '../../../lib/cli/chain/home/make-home.js';
import { readKeyFile } from '../../../lib/host/transactions/key-files.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { makeTempDir, sourceOf } from '../../support/swingset.js';

const console = { warn: () => undefined };

/** A configuration file of one small vat. */
const writeConfig = (directory: string, vat = 'alice'): string => {
  const path = join(directory, 'swingset.json');
  const sourceSpec = sourceOf(import.meta.url, '../vats/vat-alice.js');
  writeFileSync(path, JSON.stringify({ bundleCachePath, vats: { [vat]: { sourceSpec } } }));
  return path;
};

const testnetArgs = (config: string, home: string, ...more: string[]): TestnetArgs => {
  const args = parseCommandLine([
    ...['chain', 'testnet', config, '--home', home, '--chain-id', 'c-1'],
    ...['--platform-epoch', 'spring', '--validators', '2', '--base-port', '29000', ...more],
  ]);
  if (args.command !== 'chain testnet') return expect.fail(args.command);
  return args;
};

interface Genesis {
  readonly chain_id: string;
  readonly validators: readonly { readonly address: string; readonly name: string }[];
  readonly app_state: {
    readonly platformEpoch: string;
    readonly config: object;
    readonly params: unknown;
    readonly roles: Readonly<Record<string, readonly string[]>>;
  };
}

describe('a new chain', () => {
  it('has equal bytes on all nodes, and its code inside', async () => {
    const directory = makeTempDir();
    const home = join(directory, 'chain');
    const params = join(directory, 'params.json');
    writeFileSync(params, '{ "maxQueueLength": 7 }');
    const args = testnetArgs(writeConfig(directory), home, '--params', params);
    const made = await makeTestnet(args, console);
    const texts = made.nodes.map(node => readFileSync(openHome(node.home).genesis, 'utf8'));
    expect(texts[0]).to.equal(texts[1]);

    const genesis = JSON.parse(texts[0] ?? '') as Genesis;
    expect(genesis.chain_id).to.equal('c-1');
    expect(genesis.validators.map(({ name }) => name)).to.deep.equal(['node0', 'node1']);
    expect(JSON.stringify(genesis.app_state.config)).not.to.match(/sourceSpec|bundleCachePath/);
    expect(genesis.app_state.params).to.deep.equal({ maxQueueLength: 7 });
    const admin = readKeyFile(made.adminKey ?? '');
    expect(genesis.app_state.roles).to.deep.equal({
      [admin.address]: ['install', 'propose', 'upgrade', 'validators', 'priority', 'bridge'],
    });

    const [first, second] = made.nodes;
    const settings = readFileSync(openHome(second?.home ?? '').engineConfig, 'utf8');
    expect(readEngineSetting(settings, 'rpc.laddr')).to.equal('tcp://127.0.0.1:29011');
    expect(readEngineSetting(settings, 'p2p.persistent_peers')).to.equal(
      `${first?.nodeID}@127.0.0.1:29000`,
    );
    expect(readNodeConfig(openHome(second?.home ?? '')).health).to.equal('127.0.0.1:29012');

    const again = await makeTestnet(args, console).catch((error: unknown) => error);
    expect(String(again)).to.include('already has a chain');

    const joined = await joinChain({
      command: 'chain join',
      home: join(directory, 'joined'),
      json: false,
      genesis: openHome(first?.home ?? '').genesis,
      moniker: 'late',
      peers: [`${first?.nodeID}@127.0.0.1:29000`],
      stateSync: ['http://127.0.0.1:29001'],
      trust: { height: 12, hash: 'AB' },
      basePort: 29_100,
    });
    const paths = openHome(joined.node.home);
    expect(readFileSync(paths.genesis, 'utf8')).to.equal(texts[0]);
    const engine = readFileSync(paths.engineConfig, 'utf8');
    expect(readEngineSetting(engine, 'statesync.enable')).to.equal('true');
    expect(readEngineSetting(engine, 'statesync.trust_height')).to.equal('12');
    expect(readEngineSetting(engine, 'statesync.rpc_servers')).to.equal(
      'http://127.0.0.1:29001,http://127.0.0.1:29001',
    );
  });

  it('is refused when no node could begin it, and leaves nothing behind', async () => {
    const directory = makeTempDir();
    const home = join(directory, 'chain');
    const params = join(directory, 'params.json');
    writeFileSync(params, '{ "maxQueueLenght": 7 }');
    const config = writeConfig(directory);
    const problemOf = async (args: TestnetArgs): Promise<string> =>
      makeTestnet(args, console).then(() => 'none', String);
    expect(await problemOf(testnetArgs(config, home, '--params', params))).to.include(
      'maxQueueLenght: unknown field; did you mean maxQueueLength?',
    );
    expect(await problemOf(testnetArgs(config, home, '--admin', 'bob'))).to.match(
      /app_state\.roles/,
    );
    expect(await problemOf(testnetArgs(writeConfig(directory, 'chain'), home))).to.include(
      'app_state.config.vats.chain: every chain has a vat of this name',
    );
    expect(() => openHome(join(home, 'node0'))).to.throw(/has no chain/);
  });
});
