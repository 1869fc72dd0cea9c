/** The `chain` commands: their options and operands. Those of `chain tx` are in `tx-args.ts`. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { RepeatableOption } from '../help/page.js';
import { addBareCommand, addCommand, whenParsed, wholeNumberUpTo } from '../command.js';
import type { CommonArgs } from '../command.js';
import { chainPage, chainPages } from '../help/chain-pages.js';
import { oneMore } from '../restart-args.js';
import { parsePort } from '../solo-args.js';
import { addClientCommand, whenClientParsed } from './client-args.js';
import type { ClientArgs } from './client-args.js';
import { addTxCommands } from './tx-args.js';
import type { TxArgs } from './tx-args.js';

/** What a new chain is made from. */
export interface NewChainArgs {
  /** A `swingset.json`, or a directory of vats. */
  readonly config: string;
  readonly chainID: string;
  readonly platformEpoch: string;
  /** Addresses that get every role. */
  readonly admins: readonly string[];
  /** A file: `{ address: [role] }`. */
  readonly roles: string | undefined;
  /** A file: `params` of the genesis. */
  readonly params: string | undefined;
  readonly strict: boolean;
  /** How long a validator waits after a commit, in CometBFT's notation. */
  readonly blockTime: string | undefined;
  /** Of the bootstrap vat. */
  readonly argv: readonly string[];
}

export interface InitArgs extends CommonArgs, NewChainArgs {
  readonly command: 'chain init';
  readonly moniker: string;
  readonly basePort: number | undefined;
}

/** A node of a chain that exists. */
export interface JoinArgs extends CommonArgs {
  readonly command: 'chain join';
  readonly genesis: string;
  readonly moniker: string;
  readonly peers: readonly string[];
  /** RPC addresses for state sync; none: replay all blocks. */
  readonly stateSync: readonly string[];
  readonly trust: { readonly height: number; readonly hash: string } | undefined;
  readonly basePort: number | undefined;
}

export interface TestnetArgs extends CommonArgs, NewChainArgs {
  readonly command: 'chain testnet';
  readonly validators: number;
  readonly basePort: number;
}

export interface StartArgs extends CommonArgs {
  readonly command: 'chain start';
  /** Of this software. Default: the genesis'. */
  readonly platformEpoch: string | undefined;
  /** False: the application alone, in this process. */
  readonly withEngine: boolean;
  /** Path of the `cometbft` program. */
  readonly engine: string | undefined;
  /** Where the application listens. */
  readonly listen: string | undefined;
  /** Where the application serves its metrics, on loopback; 0 picks a free port. Default: nowhere. */
  readonly metricsPort: number | undefined;
}

export interface StatusArgs extends ClientArgs {
  readonly command: 'chain status';
}

export interface QueryArgs extends ClientArgs {
  readonly command: 'chain query';
  readonly path: string;
  /** Asks for a row with a proof, and verifies it. */
  readonly prove: boolean;
}

export type ChainArgs =
  InitArgs | JoinArgs | TestnetArgs | StartArgs | StatusArgs | QueryArgs | TxArgs;

type Found = (args: ChainArgs) => void;

const MAX_VALIDATORS = 100;
/** The p2p, RPC and health ports of a node, and room. */
export const PORTS_PER_NODE = 10;

const platformEpochOption = (description: string): Option =>
  new Option('--platform-epoch <name>', description);

interface NewChainValues {
  readonly chainId: string;
  readonly platformEpoch: string;
  readonly admin?: readonly string[];
  readonly roles?: string;
  readonly params?: string;
  readonly strict?: true;
  readonly blockTime?: string;
}

const duration = (text: string): string => {
  if (/^([0-9]{1,4}(\.[0-9]+)?(ms|s|m))+$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a duration, such as 500ms, 1s or 0s.');
};

const basePortOption = (): Option =>
  new Option(
    '--base-port <n>',
    "the node's p2p port, for several nodes on one machine; RPC and health follow",
  ).argParser(wholeNumberUpTo(65_000));

const addNewChainOptions = (command: Command): Command =>
  command
    .argument('<config>', 'a swingset.json, or a directory with bootstrap.js and vat-*.js')
    .addOption(new Option('--chain-id <id>', 'name of the chain').makeOptionMandatory())
    .addOption(
      platformEpochOption('name of the platform that the vats start on').makeOptionMandatory(),
    )
    .addOption(
      new RepeatableOption(
        '--admin <address>',
        'account with every role (repeatable; default: a new key in config/admin-key.json)',
      ).argParser(oneMore),
    )
    .option('--roles <file>', 'JSON: { address: [role] }')
    .option('--params <file>', 'JSON: parameters of the chain that differ from the defaults')
    .option(
      '--block-time <duration>',
      'how long validators wait for more transactions after a block (default: 1s)',
      duration,
    )
    .option('--strict', 'refuse a configuration with unknown fields');

const newChainArgs = (
  { chainId, platformEpoch, admin = [], roles, params, strict, blockTime }: NewChainValues,
  config: string,
  argv: readonly string[],
): NewChainArgs => ({
  config,
  chainID: chainId,
  platformEpoch,
  admins: admin,
  roles,
  params,
  strict: strict === true,
  blockTime,
  argv,
});

const addInit = (chain: Command, argv: readonly string[], found: Found): void => {
  const init = addNewChainOptions(addCommand(chain, 'init', chainPages.init))
    .option('--moniker <name>', 'name of the node', 'node')
    .addOption(basePortOption());
  whenParsed<NewChainValues & { moniker: string; basePort?: number }>(
    init,
    (common, { moniker, basePort, ...values }, [config = '']) =>
      found({
        command: 'chain init',
        ...common,
        ...newChainArgs(values, config, argv),
        moniker,
        basePort,
      }),
    '; arguments of the bootstrap vat come after --',
  );
};

interface JoinValues {
  readonly genesis: string;
  readonly moniker: string;
  readonly peer?: readonly string[];
  readonly stateSync?: readonly string[];
  readonly trustHeight?: number;
  readonly trustHash?: string;
  readonly basePort?: number;
}

const peerAddress = (value: string, before?: readonly string[]): readonly string[] => {
  if (/^[0-9a-f]{40}@[^@\s,]+:[0-9]+$/.test(value)) return oneMore(value, before);
  throw new InvalidArgumentError('Expected <node id>@<host>:<port>.');
};

const addJoin = (chain: Command, found: Found): void => {
  const join = addCommand(chain, 'join', chainPages.join)
    .addOption(new Option('--genesis <file>', "the chain's genesis.json").makeOptionMandatory())
    .option('--moniker <name>', 'name of the node', 'node')
    .addOption(
      new RepeatableOption('--peer <id@host:port>', 'a node to connect to (repeatable)').argParser(
        peerAddress,
      ),
    )
    .addOption(
      new RepeatableOption(
        '--state-sync <rpc>',
        'begin with a snapshot; RPC address of a node that tells which (repeatable)',
      ).argParser(oneMore),
    )
    .option(
      '--trust-height <n>',
      'a height whose block hash you know from somebody whom you trust',
      wholeNumberUpTo(Number.MAX_SAFE_INTEGER),
    )
    .option('--trust-hash <hash>', 'the hash of that block, 64 hexadecimal digits')
    .addOption(basePortOption());
  whenParsed<JoinValues>(
    join,
    (common, { genesis, moniker, peer: peers = [], stateSync = [], basePort, ...values }) => {
      const { trustHeight, trustHash } = values;
      if ((trustHeight === undefined) !== (trustHash === undefined)) {
        join.error("options '--trust-height' and '--trust-hash' go together");
      }
      if (trustHash !== undefined && !/^[0-9a-fA-F]{64}$/.test(trustHash)) {
        join.error(`option '--trust-hash <hash>' argument '${trustHash}' is no block hash`);
      }
      if (trustHeight !== undefined && stateSync.length === 0) {
        join.error("option '--trust-height <n>' needs --state-sync <rpc>");
      }
      const trust =
        trustHeight === undefined || trustHash === undefined
          ? undefined
          : { height: trustHeight, hash: trustHash.toUpperCase() };
      const node = { genesis, moniker, peers, stateSync, trust, basePort };
      found({ command: 'chain join', ...common, ...node });
    },
  );
};

const addTestnet = (chain: Command, argv: readonly string[], found: Found): void => {
  const testnet = addNewChainOptions(addCommand(chain, 'testnet', chainPages.testnet))
    .option('--validators <n>', 'how many', wholeNumberUpTo(MAX_VALIDATORS), 4)
    .option(
      '--base-port <n>',
      `the first node's p2p; its RPC and health follow, and the next node ${PORTS_PER_NODE} later`,
      wholeNumberUpTo(65_535),
      26_600,
    );
  whenParsed<NewChainValues & { validators: number; basePort: number }>(
    testnet,
    (common, { validators, basePort, ...values }, [config = '']) =>
      found({
        command: 'chain testnet',
        ...common,
        ...newChainArgs(values, config, argv),
        validators,
        basePort,
      }),
    '; arguments of the bootstrap vat come after --',
  );
};

interface StartValues {
  readonly platformEpoch?: string;
  readonly engine?: string | false;
  readonly listen?: string;
  readonly metricsPort?: number;
}

const addStart = (chain: Command, found: Found): void => {
  const start = addCommand(chain, 'start', chainPages.start)
    .addOption(
      platformEpochOption(
        'the platform of this software: the name of the upgrade that it is for (default: as in ' +
          'the genesis)',
      ),
    )
    .option('--engine <path>', 'the cometbft program (default: the one on the PATH)')
    .option('--no-engine', 'run the application alone; start cometbft yourself')
    .option(
      '--listen <address>',
      'where the application listens, unix:///path or tcp://host:port (default: data/app.sock)',
    )
    .option(
      '--metrics-port <port>',
      'serve GET /metrics for Prometheus on 127.0.0.1 and ::1 (default: not at all)',
      parsePort,
    );
  whenParsed<StartValues>(start, (common, { platformEpoch, engine, listen, metricsPort }) => {
    found({
      command: 'chain start',
      ...common,
      platformEpoch,
      withEngine: engine !== false,
      engine: typeof engine === 'string' ? engine : undefined,
      listen,
      metricsPort,
    });
  });
};

/** Adds `chain` to the program; `found` gets what the user asked for. */
export const addChainCommands = (program: Command, argv: readonly string[], found: Found): void => {
  const chain = addBareCommand(program, 'chain', chainPage);
  addInit(chain, argv, found);
  addTestnet(chain, argv, found);
  addJoin(chain, found);
  addStart(chain, found);
  whenClientParsed(addClientCommand(chain, 'status', chainPages.status), client =>
    found({ command: 'chain status', ...client }),
  );
  whenClientParsed(
    addClientCommand(chain, 'query', chainPages.query)
      .argument(
        '<path>',
        'for example /status, /account/<address>, /result/<action>, /storage/<path>',
      )
      .option(
        '--prove',
        "verify a row (/storage, /result, /row) against the next header's app hash",
      ),
    (client, { prove }: { readonly prove?: true }, [path = '']) =>
      found({ command: 'chain query', ...client, path, prove: prove === true }),
  );
  addTxCommands(chain, argv, found);
};
