/** Reads the command line of the benches. */
import { parseArgs } from 'node:util';
import { CONTENDERS, type Contender, type Settings } from './types.js';

export interface BenchOptions {
  readonly settings: Settings;
  readonly rounds: number;
  /** Names of jobs; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly contenders: readonly Contender[];
  readonly json: boolean;
}

export interface Defaults {
  readonly rounds: number;
  readonly contenders: readonly Contender[];
  /** What `--only` may name. */
  readonly names: readonly string[];
}

const problem = (option: string, value: string, expected: string): Error =>
  Error(`--${option} is ${JSON.stringify(value)}; give ${expected}`);

const oneOf = <T extends string>(option: string, value: string, known: readonly T[]): T => {
  const found = known.find(each => each === value);
  if (found === undefined) throw problem(option, value, `one of ${known.join(', ')}`);
  return found;
};

const listOf = <T extends string>(option: string, value: string, known: readonly T[]): T[] =>
  value.split(',').map(each => oneOf(option, each, known));

const integer = (option: string, value: string): number => {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw problem(option, value, 'a positive integer');
  return number;
};

/** @throws Error that names the option and its value */
export const readOptions = (args: readonly string[], defaults: Defaults): BenchOptions => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: String(defaults.rounds) },
      only: { type: 'string' },
      contenders: { type: 'string', default: defaults.contenders.join(',') },
      platform: { type: 'string', default: 'own' },
      init: { type: 'string', default: 'endo' },
      'reap-interval': { type: 'string', default: '1000' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    settings: {
      platform: oneOf('platform', values.platform, ['own', 'stock']),
      init: oneOf('init', values.init, ['endo', 'command']),
      quick: values.quick,
      reapInterval: integer('reap-interval', values['reap-interval']),
    },
    rounds: integer('rounds', values.rounds),
    only: values.only === undefined ? undefined : listOf('only', values.only, defaults.names),
    contenders: listOf('contenders', values.contenders, CONTENDERS),
    json: values.json,
  };
};
