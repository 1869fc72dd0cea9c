import { expect } from 'chai';
import { parseCommandLine } from '../../../lib/cli/args.js';
import { UsageError } from '../../../lib/cli/usage-error.js';

const parse = (line: string) => parseCommandLine(line.split(' '));

const client = { home: undefined, nodes: ['http://a:1'], timeout: 60, json: false };
const sender = {
  ...client,
  key: 'k',
  chainID: undefined,
  sequence: undefined,
  priority: false,
};

describe('the command line of chains', () => {
  it('reads what a chain is made from', () => {
    const line = 'chain init c.json --home h --chain-id c-1 --platform-epoch spring';
    expect(parse(line)).to.deep.equal({
      command: 'chain init',
      config: 'c.json',
      home: 'h',
      json: false,
      chainID: 'c-1',
      platformEpoch: 'spring',
      admins: [],
      roles: undefined,
      params: undefined,
      strict: false,
      blockTime: undefined,
      argv: [],
      moniker: 'node',
      basePort: undefined,
    });
    const more = '--admin a --admin b --block-time 500ms --base-port 27_000 --strict -- x';
    expect(parse(`${line} ${more}`)).to.deep.include({
      admins: ['a', 'b'],
      blockTime: '500ms',
      basePort: 27_000,
      strict: true,
      argv: ['x'],
    });
    // A number is a name here: only names tell the software of upgrades.
    expect(parse('chain testnet d --home h --chain-id c --platform-epoch 7')).to.deep.include({
      command: 'chain testnet',
      platformEpoch: '7',
      validators: 4,
      basePort: 26_600,
    });
  });

  it('reads how a node joins and starts', () => {
    const peer = `${'ab'.repeat(20)}@host:26656`;
    const hash = 'ab'.repeat(32);
    const line = `chain join --home h --genesis g.json --peer ${peer} --state-sync http://a:1`;
    expect(parse(`${line} --trust-height 9 --trust-hash ${hash}`)).to.deep.include({
      command: 'chain join',
      genesis: 'g.json',
      peers: [peer],
      stateSync: ['http://a:1'],
      trust: { height: 9, hash: hash.toUpperCase() },
    });
    expect(parse(line)).to.deep.include({ trust: undefined });
    expect(parse('chain start --home h')).to.deep.equal({
      command: 'chain start',
      home: 'h',
      json: false,
      platformEpoch: undefined,
      withEngine: true,
      engine: undefined,
      listen: undefined,
      metricsPort: undefined,
    });
    expect(parse('chain start --home h --metrics-port 26670')).to.deep.include({
      metricsPort: 26_670,
    });
    expect(() => parse('chain start --home h --metrics-port x')).to.throw('0 to 65535');
    expect(parse('chain start --home h --no-engine --platform-epoch s')).to.deep.include({
      withEngine: false,
      platformEpoch: 's',
    });
    expect(parse('chain start --home h --engine /e')).to.deep.include({
      withEngine: true,
      engine: '/e',
    });
  });

  it('reads transactions and queries', () => {
    const common = '--node a:1 --key k';
    expect(parse(`chain tx message board post "hi" 7 ${common} --result -- -5`)).to.deep.equal({
      command: 'chain tx message',
      ...sender,
      to: 'board',
      method: 'post',
      args: ['hi', 7, -5],
      result: true,
    });
    expect(parse(`chain tx upgrade summer --at 1_000 --mode rolling --exempt a ${common}`)).to.eql({
      command: 'chain tx upgrade',
      ...sender,
      name: 'summer',
      height: 1000,
      info: '',
      params: undefined,
      mode: 'rolling',
      exempt: ['a'],
    });
    expect(parse(`chain tx bridge core {"a":[1]} ${common} --priority --sequence 0`)).to.eql({
      command: 'chain tx bridge',
      ...sender,
      port: 'core',
      message: { a: [1] },
      priority: true,
      sequence: 0,
    });
    expect(parse(`chain tx validator AA== 0 ${common}`)).to.deep.include({
      validator: 'AA==',
      power: 0,
    });
    expect(parse('chain query /status --node a:1 --node https://b')).to.deep.equal({
      command: 'chain query',
      ...client,
      nodes: ['http://a:1', 'https://b'],
      path: '/status',
      prove: false,
    });
    expect(parse('chain query /storage/a --prove --node a:1')).to.deep.include({ prove: true });
    expect(parse('chain tx key f')).to.deep.equal({
      command: 'chain tx key',
      file: 'f',
      home: undefined,
      json: false,
    });
  });

  it('names what is wrong', () => {
    const init = 'chain init c --home h --chain-id c --platform-epoch s';
    const join = 'chain join --home h --genesis g';
    for (const [line, message] of [
      [
        'chain',
        'swingset-kernel chain needs a command: init, testnet, join, start, status, query, tx',
      ],
      [
        'chain init c --home h --platform-epoch s',
        "required option '--chain-id <id>' not specified",
      ],
      [`${init} --block-time fast`, /argument 'fast' is invalid\. Expected a duration/],
      [`${join} --peer host:1`, /Expected <node id>@<host>:<port>/],
      [`${join} --trust-height 4`, "options '--trust-height' and '--trust-hash' go together"],
      [
        `${join} --trust-height 4 --trust-hash ${'ab'.repeat(32)}`,
        "option '--trust-height <n>' needs --state-sync <rpc>",
      ],
      ['chain status', "one of the options '--home <dir>' and '--node <url>' is required"],
      ['chain query --home h', "missing required argument 'path'"],
      [
        'chain tx message a b c --node a:1 --key k',
        /argument 'args' has the value 'c'\. Expected JSON/,
      ],
      ['chain tx message a b --node a:1', "required option '--key <file>' not specified"],
      ['chain tx validator k x --node a:1 --key k', /Expected a whole number; 0 removes/],
      ['chain tx bridge p --node a:1 --key k', "missing required argument 'message'"],
      ['chain tx key', "missing required argument 'file'"],
      ['chain tx key a b', 'unexpected argument "b"'],
      ['chain status --node a:1 -- x', 'chain status takes no arguments after --'],
    ] as const) {
      const check = expect(() => parse(line), line).to.throw(UsageError);
      if (typeof message === 'string') check.with.property('message', message);
      else check.with.property('message').that.matches(message);
    }
  });
});
