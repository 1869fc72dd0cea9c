/**
 * Makes the swingset of a genesis.
 *
 * Invariant: the state follows from the genesis alone. Nothing is bundled, and nothing is read from
 * this machine.
 */
import type { SwingSetConfig } from '../../controller/config-types.js';
import { initializeSwingset } from '../../controller/initialize.js';
import { findProblems } from '../../controller/validate.js';
import { errorText, quoteValue, SwingsetError } from '../../errors.js';
import { nearestName } from '../../nearest-name.js';
import { pickPlatform } from '../../platform-epoch/platform-options.js';
import type { KernelStorage } from '../../store/types.js';
import { insistChainID } from '../transactions/transaction.js';
import { CHAIN_VAT, PROPOSAL_BUNDLE } from './chain-vat.js';
import { HOST_DEVICES } from './devices.js';
import { BadGenesisError } from './errors.js';
import type { ChainGenesis } from './genesis-types.js';
import { withDefaults } from './params.js';
import type { Rows } from './rows.js';
import * as chain from './tables/chain.js';
import { validators } from './tables/validators.js';
import type { InitRequest } from './types.js';

/** Refuses what would differ from node to node, or what only other hosts provide. */
const checkConfig = ({
  vats = {},
  devices = {},
  bundles = {},
  ...config
}: SwingSetConfig): void => {
  if (config.bundleCachePath !== undefined) {
    throw new BadGenesisError('app_state.config.bundleCachePath', 'a genesis names no paths');
  }
  const all = Object.entries({ vats, devices, bundles }).flatMap(([kind, entries]) =>
    Object.entries(entries).map(
      ([name, entry]) => [`app_state.config.${kind}.${name}`, entry] as const,
    ),
  );
  for (const [field, { sourceSpec, bundleSpec }] of all) {
    const path = sourceSpec ?? bundleSpec;
    if (path === undefined) continue;
    const problem = `expected the bundle itself, got the path ${quoteValue(path)}. \`swingset-kernel chain init\` bundles sources`;
    throw new BadGenesisError(field, problem);
  }
  if (Object.hasOwn(vats, CHAIN_VAT)) {
    const problem = 'every chain has a vat of this name; rename yours';
    throw new BadGenesisError(`app_state.config.vats.${CHAIN_VAT}`, problem);
  }
  if (Object.hasOwn(bundles, PROPOSAL_BUNDLE)) {
    const problem = 'every chain has a bundle of this name; rename yours';
    throw new BadGenesisError(`app_state.config.bundles.${PROPOSAL_BUNDLE}`, problem);
  }
  const { bootstrap = CHAIN_VAT } = config;
  if (bootstrap !== CHAIN_VAT && !Object.hasOwn(vats, bootstrap)) {
    const near = nearestName(bootstrap, Object.keys(vats));
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    const problem = `${quoteValue(bootstrap)} is not an entry of config.vats${hint}`;
    throw new BadGenesisError('app_state.config.bootstrap', problem);
  }
  for (const [name, { creationOptions }] of Object.entries(devices)) {
    const field = `app_state.config.devices.${name}`;
    if ((HOST_DEVICES as readonly string[]).includes(name)) {
      throw new BadGenesisError(field, 'every chain has this device; leave it out');
    }
    if (creationOptions?.unendowed !== true) {
      const problem =
        'the block host has no endowments for it: only devices with creationOptions.unendowed can be added';
      throw new BadGenesisError(field, problem);
    }
  }
};

/**
 * Checks a genesis without making anything of it.
 * @throws BadGenesisError for the first problem
 */
export const insistGenesis = (value: unknown): ChainGenesis => {
  const [first] = findProblems('chain-genesis', value, 'app_state');
  if (first) {
    // The error names the field itself.
    throw new BadGenesisError(first.field, first.message.replace(`${first.field}: `, ''));
  }
  const genesis = value as ChainGenesis;
  checkConfig(genesis.config);
  return genesis;
};

const parseGenesis = (appState: Uint8Array): ChainGenesis => {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(appState).toString('utf8'));
  } catch (error) {
    throw new BadGenesisError('app_state', `expected JSON: ${errorText(error)}`, { cause: error });
  }
  return insistGenesis(value);
};

/**
 * The chain vat bootstraps, so that it has the vatAdmin service, and calls the configuration's
 * bootstrap vat.
 */
const wholeConfig = ({ config, argv, systemBundles }: ChainGenesis): SwingSetConfig => {
  const { bootstrap = CHAIN_VAT, vats = {}, bundles, devices } = config;
  const given = vats[bootstrap];
  return {
    ...config,
    bootstrap: CHAIN_VAT,
    vats: {
      ...vats,
      ...(given &&
        argv && { [bootstrap]: { ...given, parameters: { ...given.parameters, argv } } }),
      [CHAIN_VAT]: {
        bundle: systemBundles.chain,
        parameters: { proposalBundle: PROPOSAL_BUNDLE, ...(given && { bootstrap }) },
      },
    },
    bundles: { ...bundles, [PROPOSAL_BUNDLE]: { bundle: systemBundles.proposal } },
    devices: {
      ...devices,
      timer: { bundle: systemBundles.timerDevice },
      mailbox: { bundle: systemBundles.mailboxDevice },
      bridge: { bundle: systemBundles.bridgeDevice },
    },
  };
};

/** What a genesis needs of the software. */
interface GenesisPorts {
  readonly kernelStorage: KernelStorage;
  readonly rows: Rows;
  /** The platform epoch of this software. */
  readonly platformEpoch: string;
}

const writeRows = (
  rows: Rows,
  { params = {}, roles = {} }: ChainGenesis,
  { chainID, initialHeight, validators: given }: InitRequest,
): void => {
  chain.identity.write(rows, { chainID, initialHeight: Math.max(1, initialHeight) });
  chain.params.write(rows, withDefaults(params));
  chain.appVersion.write(rows, 1);
  for (const [address, list] of Object.entries(roles)) {
    chain.roles.write(rows, address, [...new Set(list)].sort());
  }
  for (const { publicKey, power } of given) {
    validators.write(rows, Buffer.from(publicKey).toString('hex'), String(power));
  }
};

/**
 * Writes the state of a genesis into an empty store. The first blocks run the bootstrap.
 * @throws BadGenesisError, and what `initializeSwingset` throws for the configuration
 */
export const initializeChain = async (
  request: InitRequest,
  { kernelStorage, rows, platformEpoch }: GenesisPorts,
): Promise<void> => {
  insistChainID(request.chainID);
  const genesis = parseGenesis(request.appState);
  if (genesis.platformEpoch !== platformEpoch) {
    const problem = `the chain begins with ${quoteValue(genesis.platformEpoch)}, and this software is ${quoteValue(platformEpoch)}. Run the software of ${quoteValue(genesis.platformEpoch)}`;
    throw new BadGenesisError('app_state.platformEpoch', problem);
  }
  const { adminVat, comms, vattp, timer } = genesis.systemBundles;
  try {
    await initializeSwingset(wholeConfig(genesis), undefined, kernelStorage, {
      kernelBundles: { adminVat, comms, vattp, timer },
      platformEpoch,
      ...pickPlatform(genesis),
      strict: true,
    });
  } catch (error) {
    if (!(error instanceof SwingsetError)) throw error;
    throw new BadGenesisError('app_state.config', error.message, { cause: error });
  }
  writeRows(rows, genesis, request);
};
