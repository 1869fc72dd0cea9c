/** The actions of the `chain tx` commands. */
import { readFileSync } from 'node:fs';
import { bundleFile, checkForeignBundle, readBundleFile } from '../../controller/bundling.js';
import { errorText } from '../../errors.js';
import type { Action, PlanRestart } from '../../host/transactions/action-types.js';
import { actionsForBundle } from '../../host/transactions/bundle-chunks.js';
import type { ParameterRulesFile } from '../../types/parameter-rules-schema.js';
import { UsageError } from '../usage-error.js';
import { insistSchema, readJsonFile } from './home/read-json.js';
import type { SendingArgs } from './tx-args.js';

type Args<C extends SendingArgs['command']> = Extract<SendingArgs, { command: C }>;

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path}: ${errorText(error)}`);
  }
};

const bundleOf = async (source: string) => {
  if (!source.endsWith('.json')) return bundleFile(source, 'source');
  const { bundle } = await checkForeignBundle(await readBundleFile(source, 'source'), 'source');
  return bundle;
};

const restartOf = (args: Args<'chain tx upgrade'>): PlanRestart => {
  const { mode, onVatFailure, exempt, vatParameters: path } = args;
  const rules = path === undefined ? undefined : readJsonFile(path, '--vat-parameters');
  if (path !== undefined) insistSchema('vat-parameter-rules', rules, path);
  return {
    ...(mode && { mode }),
    ...(onVatFailure && { onVatFailure }),
    ...(exempt && { exempt }),
    ...(rules !== undefined && { vatParameters: (rules as ParameterRulesFile).rules }),
  };
};

const upgradeOf = (args: Args<'chain tx upgrade'>): Action => {
  const { name, height, info, params: path } = args;
  const restart = restartOf(args);
  const params = path === undefined ? undefined : readJsonFile(path, '--params');
  return {
    type: 'scheduleUpgrade',
    plan: {
      name,
      height,
      info,
      ...(Object.keys(restart).length > 0 && { restart }),
      ...(params !== undefined && { params: params as Readonly<Record<string, unknown>> }),
    },
  };
};

const KEY_BYTES = 32;

/** A validator's public key in hex, from its own file or from base64. */
const publicKeyOf = (given: string): string => {
  const fromFile = given.endsWith('.json')
    ? (readJsonFile(given, 'key') as { readonly pub_key?: { readonly value?: unknown } }).pub_key
        ?.value
    : given;
  const key = Buffer.from(typeof fromFile === 'string' ? fromFile : '', 'base64');
  if (key.length === KEY_BYTES) return key.toString('hex');
  throw new UsageError(
    `${given}: expected a priv_validator_key.json, or an ed25519 public key in base64`,
  );
};

/**
 * What the transactions of a command do: a list of actions for each transaction.
 * @throws UsageError for files that can't be read
 */
export const actionsOf = async (args: SendingArgs): Promise<readonly (readonly Action[])[]> => {
  switch (args.command) {
    case 'chain tx message':
      return [[{ type: 'message', to: args.to, method: args.method, args: args.args }]];
    case 'chain tx bridge':
      return [[{ type: 'bridge', port: args.port, message: args.message }]];
    case 'chain tx install': {
      const actions = actionsForBundle(await bundleOf(args.source), args.chunkBytes);
      return actions.map(action => [action]);
    }
    case 'chain tx propose': {
      const permits =
        args.permits === undefined ? undefined : readJsonFile(args.permits, '--permits');
      const code = readText(args.code);
      return [
        [
          {
            type: 'propose',
            code,
            ...(permits !== undefined && { permits: permits as Readonly<Record<string, unknown>> }),
          },
        ],
      ];
    }
    case 'chain tx upgrade':
      return [[upgradeOf(args)]];
    case 'chain tx cancel-upgrade':
      return [[{ type: 'cancelUpgrade', name: args.name }]];
    case 'chain tx validator':
      return [[{ type: 'validator', publicKey: publicKeyOf(args.validator), power: args.power }]];
    default:
      return args satisfies never;
  }
};
