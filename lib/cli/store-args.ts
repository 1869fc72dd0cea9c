/** The `store` commands: their options and operands. */
import type { ArtifactMode } from '../store/artifact-mode.js';
import type { PrunePolicy } from '../store/prune.js';
import { UsageError } from './usage-error.js';

export const storeUsage = `  swingset-kernel store verify --home <dir>        check everything that is stored
  swingset-kernel store repair --home <dir>        make again what is damaged, where something says what it was
      --from <dir>          take artifacts from this export or store of the same swingset, or of a replica
  swingset-kernel store stats --home <dir>         what takes the space
  swingset-kernel store compact --home <dir>       give free space back to the file system
      --keep-spans current|incarnation|all         delete the items of other transcript spans first
      --keep-snapshots in-use|all                  delete other snapshots first
      --budget <n>                                 delete at most so many spans and snapshots
  swingset-kernel store copy <to> --home <dir>     copy the store as of its last commit, even while it is in use
  swingset-kernel store export <to> --home <dir>   write an export directory, even while it is in use
      --mode operational|replay|archival|debug     how much history goes with it
  swingset-kernel store import <from> --home <dir> make a store of an export directory
      --mode <mode>                                how much history must be there`;

export const storeOptionTypes = {
  from: { type: 'string' },
  mode: { type: 'string' },
  'keep-spans': { type: 'string' },
  'keep-snapshots': { type: 'string' },
  budget: { type: 'string' },
} as const;

const everywhere = ['home', 'json', 'debug', 'help'] as const;

export const storeRules = {
  'store verify': { options: everywhere, operands: [] },
  'store repair': { options: [...everywhere, 'from'], operands: [] },
  'store stats': { options: everywhere, operands: [] },
  'store compact': {
    options: [...everywhere, 'keep-spans', 'keep-snapshots', 'budget'],
    operands: [],
  },
  'store copy': { options: everywhere, operands: ['<to>'] },
  'store export': { options: [...everywhere, 'mode'], operands: ['<to>'] },
  'store import': { options: [...everywhere, 'mode'], operands: ['<from>'] },
} as const;

export type StoreCommand = keyof typeof storeRules;

interface CommonArgs {
  readonly home: string;
  readonly json: boolean;
}

export type StoreArgs = CommonArgs &
  (
    | { readonly command: 'store verify' | 'store stats' }
    | { readonly command: 'store repair'; readonly from: string | undefined }
    | { readonly command: 'store compact'; readonly policy: PrunePolicy }
    | { readonly command: 'store copy'; readonly to: string }
    | { readonly command: 'store export'; readonly to: string; readonly mode: ArtifactMode }
    | {
        readonly command: 'store import';
        readonly from: string;
        readonly mode: ArtifactMode | undefined;
      }
  );

type Values = Readonly<Partial<Record<keyof typeof storeOptionTypes, string | undefined>>>;

const oneOf = <T extends string>(
  option: keyof Values,
  text: string | undefined,
  choices: readonly T[],
): T | undefined => {
  const choice = choices.find(candidate => candidate === text);
  if (text !== undefined && choice === undefined) {
    const expected = choices.join(', ');
    throw new UsageError(`--${option}: expected ${expected}, got ${JSON.stringify(text)}`);
  }
  return choice;
};

const readMode = ({ mode }: Values): ArtifactMode | undefined =>
  oneOf('mode', mode, ['operational', 'replay', 'archival', 'debug']);

const readPolicy = (values: Values): PrunePolicy => {
  const keepSpans = oneOf('keep-spans', values['keep-spans'], ['current', 'incarnation', 'all']);
  const keepSnapshots = oneOf('keep-snapshots', values['keep-snapshots'], ['in-use', 'all']);
  const { budget } = values;
  if (budget !== undefined && !/^[1-9][0-9]{0,14}$/.test(budget)) {
    throw new UsageError(`--budget: expected a positive number, got ${JSON.stringify(budget)}`);
  }
  return {
    ...(keepSpans && { keepSpans }),
    ...(keepSnapshots && { keepSnapshots }),
    ...(budget !== undefined && { budget: Number(budget) }),
  };
};

export const isStoreCommand = (command: string): command is StoreCommand =>
  Object.hasOwn(storeRules, command);

/** @throws UsageError */
export const readStoreArgs = (
  command: StoreCommand,
  common: CommonArgs,
  operand: string,
  values: Values,
): StoreArgs => {
  switch (command) {
    case 'store verify':
    case 'store stats':
      return { command, ...common };
    case 'store repair':
      return { command, ...common, from: values.from };
    case 'store compact':
      return { command, ...common, policy: readPolicy(values) };
    case 'store copy':
      return { command, ...common, to: operand };
    case 'store export':
      return { command, ...common, to: operand, mode: readMode(values) ?? 'operational' };
    case 'store import':
      return { command, ...common, from: operand, mode: readMode(values) };
    default:
      return command satisfies never;
  }
};
