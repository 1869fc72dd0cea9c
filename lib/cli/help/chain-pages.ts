/** Help pages of the `chain` commands. See `page.ts`. */
import type { HelpPage } from './page.js';

const ARGV = '<argv of the bootstrap vat>';

export const chainPage: HelpPage = {
  summary: 'run vats on a chain of replicas, behind CometBFT',
  examples: [
    {
      why: 'make a chain of one validator, and run it',
      line: 'swingset-kernel chain init swingset.json --home ./node --chain-id board-1 --platform-epoch spring',
    },
    { why: 'run its node', line: 'swingset-kernel chain start --home ./node' },
  ],
};

export const chainPages = {
  init: {
    summary: 'make a new chain, and the home of its first validator',
    afterDashes: ARGV,
    examples: [
      {
        why: 'a chain named board-1',
        line: 'swingset-kernel chain init swingset.json --home ./node --chain-id board-1 --platform-epoch spring',
      },
    ],
  },
  testnet: {
    summary: 'make a chain of several validators on this machine',
    more: ['The homes are <dir>/node0, <dir>/node1 and so on. Start each in a terminal.'],
    afterDashes: ARGV,
    examples: [
      {
        why: 'four validators',
        line: 'swingset-kernel chain testnet swingset.json --home ./testnet --chain-id board-1 --platform-epoch spring',
      },
    ],
  },
  join: {
    summary: 'make the home of a node of a chain that exists',
    more: ['The node replays all blocks, or begins with a snapshot (--state-sync).'],
    examples: [
      {
        why: 'a node that asks a peer for blocks',
        line: 'swingset-kernel chain join --home ./node --genesis genesis.json --peer 0123456789abcdef0123456789abcdef01234567@node0.example:26656',
      },
      {
        why: 'a node that begins with a snapshot',
        line: 'swingset-kernel chain join --home ./node --genesis genesis.json --state-sync http://node0.example:26657',
      },
    ],
  },
  start: {
    summary: 'run a node: the application, and CometBFT as its child',
    more: [
      'Exit status: 0 it was stopped; 1 the application refused to run, or the node ended ' +
        'repeatedly; 3 the chain needs other software.',
    ],
    examples: [
      { why: 'run a node', line: 'swingset-kernel chain start --home ./node' },
      {
        why: 'run it with the software of an upgrade',
        line: 'swingset-kernel chain start --home ./node --platform-epoch summer',
      },
      {
        why: 'run it, and let Prometheus watch its kernel',
        line: 'swingset-kernel chain start --home ./node --metrics-port 26670',
      },
    ],
  },
  status: {
    summary: 'show the height and the health of a node',
    more: ['Give --home or --node. Exit status: 4 while the height stands still.'],
    examples: [
      { why: 'a node on this machine', line: 'swingset-kernel chain status --home ./node' },
      {
        why: 'a node elsewhere',
        line: 'swingset-kernel chain status --node http://node0.example:26657',
      },
    ],
  },
  query: {
    summary: 'ask for committed state',
    more: ['Give --home or --node. docs/chain.md lists the paths.'],
    examples: [
      { why: 'the planned upgrade', line: 'swingset-kernel chain query /plan --home ./node' },
      {
        why: 'a value, with a proof',
        line: 'swingset-kernel chain query /storage/published.board --prove --home ./node',
      },
    ],
  },
} satisfies Record<string, HelpPage>;

export const txPage: HelpPage = {
  summary: 'sign a transaction, send it, and wait until a block has it',
  examples: [
    {
      why: 'call a published facet',
      line: `swingset-kernel chain tx message board post '"hello"' --key key.json --home ./node`,
    },
  ],
};

export const txPages = {
  message: {
    summary: 'call a method of a published facet',
    afterDashes: '<further arguments>',
    examples: [
      {
        why: "post a text, and print the vat's answer",
        line: `swingset-kernel chain tx message board post '"hello"' --result --key key.json --home ./node`,
      },
      {
        why: 'a negative number',
        line: 'swingset-kernel chain tx message counter add --key key.json --home ./node -- -1',
      },
    ],
  },
  propose: {
    summary: "evaluate code with the bootstrap's powers",
    more: ['Needs the role `propose`.'],
    examples: [
      {
        why: 'propose, and print the result',
        line: 'swingset-kernel chain tx propose proposal.js --result --key admin-key.json --home ./node',
      },
    ],
  },
  install: {
    summary: 'install a bundle, in as many chunks as it takes',
    more: ['Needs the role `install`.'],
    examples: [
      {
        why: 'bundle a module and install it',
        line: 'swingset-kernel chain tx install contract.js --key admin-key.json --home ./node',
      },
    ],
  },
  upgrade: {
    summary: 'schedule an upgrade of the software',
    more: ['Needs the role `upgrade`.'],
    examples: [
      {
        why: 'all nodes halt before block 120000 and go on with the platform epoch summer',
        line: 'swingset-kernel chain tx upgrade summer --at 120000 --key admin-key.json --home ./node',
      },
    ],
  },
  'cancel-upgrade': {
    summary: 'call off a scheduled upgrade',
    more: ['Needs the role `upgrade`.'],
    examples: [
      {
        why: 'call off summer',
        line: 'swingset-kernel chain tx cancel-upgrade summer --key admin-key.json --home ./node',
      },
    ],
  },
  bridge: {
    summary: 'hand a message to the bridge device',
    more: ['Needs the role `bridge`.'],
    examples: [
      {
        why: 'a message for the port `clock`',
        line: `swingset-kernel chain tx bridge clock '{"tick":1}' --key admin-key.json --home ./node`,
      },
    ],
  },
  validator: {
    summary: 'add, change or remove a validator',
    more: ['Needs the role `validators`.'],
    examples: [
      {
        why: 'give a node a vote',
        line: 'swingset-kernel chain tx validator priv_validator_key.json 10 --key admin-key.json --home ./node',
      },
    ],
  },
  key: {
    summary: 'make a key, unless the file exists, and show its address',
    examples: [{ why: 'make a key of your own', line: 'swingset-kernel chain tx key key.json' }],
  },
} satisfies Record<string, HelpPage>;
