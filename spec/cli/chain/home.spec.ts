import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ed25519 } from '@noble/curves/ed25519.js';
import { expect } from 'chai';
import { engineConfigText, readEngineSetting } from '../../../lib/cli/chain/home/engine-config.js';
import { chainIDProblem, engineGenesis } from '../../../lib/cli/chain/home/engine-genesis.js';
import {
  makeEngineKey,
  nodeIDOf,
  validatorAddressOf,
  validatorKeyFile,
} from '../../../lib/cli/chain/home/engine-keys.js';
import {
  makeHome,
  openHome,
  readGenesis,
  readNodeConfig,
  rpcOfHome,
} from '../../../lib/cli/chain/home/make-home.js';
import { openLogFile } from '../../../lib/cli/chain/supervisor/log-file.js';
import { makeTempDir } from '../../support/swingset.js';

const settings = {
  moniker: 'a "quoted" name',
  application: 'unix:///run/app.sock',
  rpc: 'tcp://0.0.0.0:26657',
  p2p: 'tcp://0.0.0.0:26656',
  peers: ['ab@1.2.3.4:5', 'cd@1.2.3.4:6'],
  oneMachine: true,
};

describe('the home of a node', () => {
  it("has keys in CometBFT's form", () => {
    const key = makeEngineKey();
    expect(key.privateKey).to.have.length(64);
    const seed = key.privateKey.subarray(0, 32);
    expect(Buffer.from(ed25519.getPublicKey(seed))).to.deep.equal(key.publicKey);
    const hash = createHash('sha256').update(key.publicKey).digest('hex');
    expect(nodeIDOf(key)).to.equal(hash.slice(0, 40));
    expect(validatorKeyFile(key)).to.deep.equal({
      address: hash.slice(0, 40).toUpperCase(),
      pub_key: { type: 'tendermint/PubKeyEd25519', value: key.publicKey.toString('base64') },
      priv_key: { type: 'tendermint/PrivKeyEd25519', value: key.privateKey.toString('base64') },
    });
  });

  it('has settings that can be read again', () => {
    const text = engineConfigText({
      ...settings,
      overrides: { 'consensus.timeout_commit': '0s', 'statesync.trust_height': 12 },
    });
    expect(readEngineSetting(text, 'moniker')).to.equal('a "quoted" name');
    expect(readEngineSetting(text, 'consensus.timeout_commit')).to.equal('0s');
    expect(readEngineSetting(text, 'statesync.trust_height')).to.equal('12');
    expect(readEngineSetting(text, 'p2p.pex')).to.equal('false');
    expect(readEngineSetting(text, 'p2p.persistent_peers')).to.equal('ab@1.2.3.4:5,cd@1.2.3.4:6');
    expect(readEngineSetting(text, 'timeout_commit')).to.equal(undefined);
    const open = engineConfigText({ ...settings, oneMachine: false });
    expect(readEngineSetting(open, 'p2p.pex')).to.equal(undefined);
  });

  it('has one chain, and keys that others can not read', () => {
    const home = join(makeTempDir(), 'home');
    const validator = makeEngineKey();
    const genesis = JSON.stringify(
      engineGenesis({
        chainID: 'c-1',
        time: '2026-01-02T03:04:05.000Z',
        validators: [{ key: validator, name: 'v' }],
        appState: { platformEpoch: 'spring' },
        maxBlockBytes: 1000,
      }),
    );
    const contents = {
      genesis,
      validatorKey: validator,
      nodeKey: makeEngineKey(),
      engine: settings,
      node: { health: '127.0.0.1:1', snapshotInterval: 0 },
    };
    expect(() => openHome(home)).to.throw(/has no chain: make one with/);
    const paths = makeHome(home, contents);
    expect(statSync(paths.validatorKey).mode & 0o777).to.equal(0o600);
    expect(statSync(paths.nodeKey).mode & 0o777).to.equal(0o600);
    expect(readGenesis(paths)).to.deep.equal({ chainID: 'c-1', platformEpoch: 'spring' });
    expect(rpcOfHome(paths)).to.equal('http://127.0.0.1:26657');
    expect(readNodeConfig(paths)).to.deep.equal({ health: '127.0.0.1:1', snapshotInterval: 0 });
    const { validators } = JSON.parse(readFileSync(paths.genesis, 'utf8')) as {
      validators: { address: string }[];
    };
    expect(validators[0]?.address).to.equal(validatorAddressOf(validator));
    expect(() => makeHome(home, contents)).to.throw(/already has a chain/);

    writeFileSync(paths.nodeConfig, '{ "snapshotIntervall": 3, "health": "nowhere" }');
    expect(() => readNodeConfig(paths))
      .to.throw(/snapshotIntervall: unknown field; did you mean snapshotInterval\?/)
      .and.match(/health: expected host:port, got "nowhere"/);
  });

  it('takes IDs that CometBFT takes', () => {
    expect(chainIDProblem('spec-1.a_b')).to.equal(undefined);
    for (const bad of ['', 'a b', '-a', 'x'.repeat(51), 'ä']) {
      expect(chainIDProblem(bad), bad).to.match(/^expected 1 to 50/);
    }
  });

  it('has a log of limited size', () => {
    const path = join(makeTempDir(), 'engine.log');
    const log = openLogFile(path, 10);
    for (const text of ['12345', '67890', 'abc']) log.write(Buffer.from(text));
    log.close();
    expect(readFileSync(path, 'utf8')).to.equal('abc');
    expect(readFileSync(`${path}.1`, 'utf8')).to.equal('1234567890');
    const again = openLogFile(path, 10);
    again.write(Buffer.from('defghij'));
    again.close();
    expect(readFileSync(path, 'utf8')).to.equal('abcdefghij');
  });
});
