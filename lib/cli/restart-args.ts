/** The options that say how vats are restarted, for `run` and `rehearse`. */
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { RepeatableOption } from './help/page.js';
import { insistPlatformEpoch } from '../platform-epoch/decide.js';
import { BadPlatformEpochError } from '../platform-epoch/errors.js';
import type { PlatformRestartOptions } from '../platform-epoch/restart-options.js';
import type { PlatformEpoch, PlatformRestartMode } from '../types/platform-epoch.js';
import { wholeNumberUpTo } from './command.js';
import { readParameterRules } from './vat-parameter-rules.js';

export interface RestartArgs {
  readonly platformRestart: Pick<
    PlatformRestartOptions,
    'mode' | 'exempt' | 'onVatFailure' | 'requireEmptyQueue' | 'concurrency' | 'assumeEngine'
  >;
  readonly platformEpochKindChange: boolean;
  /** A file of rules for `platformRestart.vatParameters`. */
  readonly vatParameters?: string;
}

/** As commander names and parses them. */
export interface RestartValues {
  readonly epoch?: PlatformEpoch;
  readonly mode?: PlatformRestartMode;
  readonly exempt?: readonly string[];
  readonly onVatFailure?: 'suspend' | 'panic' | 'terminate';
  readonly requireEmptyQueue?: true;
  readonly concurrency?: number;
  readonly vatParameters?: string;
  readonly assumeEngine?: string;
  readonly kindChange?: true;
}

/** Parser of an option that may be given several times. */
export const oneMore = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Digits alone are a number: `--epoch 7` comes after `--epoch 6`, as numbers do. */
export const parseEpoch = (text: string): PlatformEpoch =>
  /^[0-9]{1,15}$/.test(text) ? Number(text) : text;

/** @throws InvalidArgumentError for what no store takes */
const checkEpoch = (text: string): PlatformEpoch => {
  try {
    return insistPlatformEpoch(parseEpoch(text));
  } catch (error) {
    if (error instanceof BadPlatformEpochError) {
      throw new InvalidArgumentError(`Expected ${error.expected}.`);
    }
    throw error;
  }
};

export const epochOption = (description: string): Option =>
  new Option('--epoch <epoch>', description).argParser(checkEpoch);

export const modeOption = (): Option =>
  new Option(
    '--mode <mode>',
    'when vats restart: eager (all now), lazy (static vats now, others with their next delivery), ' +
      'rolling (like lazy, and some after each run)',
  ).choices(['eager', 'lazy', 'rolling']);

const makeRestartOptions = (): readonly Option[] => [
  new RepeatableOption(
    '--exempt <vat>',
    'name or vatID of a vat that keeps its incarnation (repeatable)',
  ).argParser(oneMore),
  new Option('--on-vat-failure <policy>', "what to do with a vat that can't start").choices([
    'suspend',
    'panic',
    'terminate',
  ]),
  new Option('--require-empty-queue', 'refuse to restart vats while events are queued'),
  new Option('--concurrency <n>', 'number of vats that start at the same time').argParser(
    wholeNumberUpTo(9999),
  ),
  new Option(
    '--vat-parameters <file>',
    'JSON rules that change what vats start with: { "rules": [{ "vatID", "bundleID" or "name" ' +
      '(of static vats), "set": { field: value }, "drop": [field] }] }',
  ),
  new Option(
    '--assume-engine <engine>',
    'the engine of vats made by SwingSet: "installed", or one as `epochs` prints it',
  ),
  new Option('--kind-change', 'allow epochs to change from numbers to names, or back'),
];

export const addRestartOptions = (command: Command): Command => {
  for (const option of makeRestartOptions()) {
    command.addOption(option.helpGroup('Restart options:'));
  }
  return command;
};

/** @throws UsageError for options of a restart when no epoch is given */
export const readRestartArgs = (command: Command): RestartArgs => {
  const values = command.opts<RestartValues>();
  if (values.epoch === undefined) {
    const given = [modeOption(), ...makeRestartOptions()].find(
      option => command.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (given) command.error(`option '${given.flags}' needs --epoch <epoch>`);
  }
  const { mode, exempt, concurrency, onVatFailure, vatParameters, assumeEngine } = values;
  return {
    platformRestart: {
      ...(mode !== undefined && { mode }),
      ...(exempt && { exempt }),
      ...(assumeEngine !== undefined && { assumeEngine }),
      ...(onVatFailure !== undefined && { onVatFailure }),
      ...(values.requireEmptyQueue && { requireEmptyQueue: true }),
      ...(concurrency !== undefined && { concurrency }),
    },
    platformEpochKindChange: values.kindChange ?? false,
    ...(vatParameters !== undefined && { vatParameters }),
  };
};

export interface RestartOptions {
  readonly options: PlatformRestartOptions;
  /** After the boot: one sentence for each rule of `--vat-parameters` that fitted no vat. */
  readonly warnings: () => readonly string[];
}

/**
 * The options for a boot, with the file of rules read.
 * @throws UsageError when the file can't be read or holds no rules
 */
export const loadRestartOptions = ({
  platformRestart,
  vatParameters: path,
}: RestartArgs): RestartOptions => {
  if (path === undefined) return { options: platformRestart, warnings: () => [] };
  const { vatParameters, unused } = readParameterRules(path);
  return {
    options: { ...platformRestart, vatParameters },
    warnings: () => unused().map(line => `--vat-parameters: ${line}`),
  };
};
