/** Options of the command line that say how vats are restarted, for `run` and `rehearse`. */
import type { PlatformRestartOptions } from '../platform-epoch/types.js';
import { UsageError } from './usage-error.js';
import { readParameterRules } from './vat-parameter-rules.js';

export const restartUsage = `      --exempt <vat>        a name or vatID that keeps its incarnation; may be repeated
      --on-vat-failure suspend|panic|terminate  what becomes of a vat that can't start
      --no-last-rites       no last bringOutYourDead: no vat has to be replayed
      --require-empty-queue refuse to restart vats while events are queued
      --concurrency <n>     so many vats start at the same time
      --vat-parameters <file>  JSON rules that change what vats start with: { "rules": [{ "vatID", "bundleID" or
                            "name" (of static vats), "set": { field: value }, "drop": [field] }] }
      --assume-engine <e>   what vats run on that SwingSet made: installed, or an engine as epochs prints it
      --kind-change         the epochs change from numbers to names, or back`;

export const restartOptionTypes = {
  lazy: { type: 'boolean' },
  exempt: { type: 'string', multiple: true },
  'on-vat-failure': { type: 'string' },
  'no-last-rites': { type: 'boolean' },
  'require-empty-queue': { type: 'boolean' },
  concurrency: { type: 'string' },
  'vat-parameters': { type: 'string' },
  'assume-engine': { type: 'string' },
  'kind-change': { type: 'boolean' },
} as const;

export interface RestartArgs {
  readonly platformRestart: Pick<
    PlatformRestartOptions,
    | 'mode'
    | 'exempt'
    | 'onVatFailure'
    | 'lastRites'
    | 'requireEmptyQueue'
    | 'concurrency'
    | 'assumeEngine'
  >;
  readonly platformEpochKindChange: boolean;
  /** A file of rules for `platformRestart.vatParameters`. */
  readonly vatParameters?: string;
}

interface RestartValues {
  readonly epoch?: string | undefined;
  readonly lazy?: boolean | undefined;
  readonly exempt?: readonly string[] | undefined;
  readonly 'on-vat-failure'?: string | undefined;
  readonly 'no-last-rites'?: boolean | undefined;
  readonly 'require-empty-queue'?: boolean | undefined;
  readonly concurrency?: string | undefined;
  readonly 'vat-parameters'?: string | undefined;
  readonly 'assume-engine'?: string | undefined;
  readonly 'kind-change'?: boolean | undefined;
}

const policies = ['suspend', 'panic', 'terminate'] as const;

const readPolicy = (text: string) => {
  const found = policies.find(policy => policy === text);
  if (found) return found;
  const given = JSON.stringify(text);
  throw new UsageError(`--on-vat-failure: expected ${policies.join(', ')}, got ${given}`);
};

const readConcurrency = (text: string): number => {
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw new UsageError(
    `--concurrency: expected a whole number from 1 to 9999, got ${JSON.stringify(text)}`,
  );
};

/** @throws UsageError, also for options of a restart where no epoch is given */
export const readRestartArgs = (values: RestartValues): RestartArgs => {
  const given = (Object.keys(restartOptionTypes) as (keyof typeof restartOptionTypes)[]).find(
    name => values[name] !== undefined,
  );
  if (given && values.epoch === undefined) throw new UsageError(`--${given} needs --epoch <epoch>`);
  const { lazy, exempt, concurrency, 'on-vat-failure': policy } = values;
  const { 'vat-parameters': vatParameters, 'assume-engine': assumeEngine } = values;
  return {
    platformRestart: {
      ...(lazy && { mode: 'lazy' as const }),
      ...(exempt && { exempt }),
      ...(assumeEngine !== undefined && { assumeEngine }),
      ...(policy !== undefined && { onVatFailure: readPolicy(policy) }),
      ...(values['no-last-rites'] && { lastRites: false }),
      ...(values['require-empty-queue'] && { requireEmptyQueue: true }),
      ...(concurrency !== undefined && { concurrency: readConcurrency(concurrency) }),
    },
    platformEpochKindChange: values['kind-change'] ?? false,
    ...(vatParameters !== undefined && { vatParameters }),
  };
};

export interface RestartOptions {
  readonly options: PlatformRestartOptions;
  /** After the boot: what the rules of `--vat-parameters` were not used for. */
  readonly warnings: () => readonly string[];
}

/**
 * What a boot is given, the file of rules read.
 * @throws UsageError for a file that can't be read, or that holds something else than rules
 */
export const loadRestartOptions = ({
  platformRestart,
  vatParameters: path,
}: RestartArgs): RestartOptions => {
  if (path === undefined) return { options: platformRestart, warnings: () => [] };
  const { vatParameters, unused } = readParameterRules(path);
  return { options: { ...platformRestart, vatParameters }, warnings: unused };
};
