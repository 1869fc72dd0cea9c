/** Reads the command line of the benches, and prints what it may say. */
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

/** A bench, and what it does unless it is told otherwise. */
export interface BenchCommand {
  /** Of the npm script. */
  readonly script: string;
  /** One sentence. */
  readonly measures: string;
  readonly rounds: number;
  readonly contenders: readonly Contender[];
  /** What `--only` may name. */
  readonly names: readonly string[];
}

/** The command line makes no sense. The message is one line, and names the option. */
export class BenchUsageError extends Error {}

const PLATFORMS: readonly Settings['platform'][] = ['own', 'stock'];
const INITS: readonly Settings['init'][] = ['endo', 'command'];
const REAP_INTERVAL = 1000;

const problem = (option: string, value: string, expected: string): Error =>
  new BenchUsageError(`--${option} is ${JSON.stringify(value)}; give ${expected}`);

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

const parse = (args: readonly string[], { rounds, contenders }: BenchCommand) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: String(rounds) },
        contenders: { type: 'string', default: contenders.join(',') },
        platform: { type: 'string', default: 'own' },
        init: { type: 'string', default: 'endo' },
        'reap-interval': { type: 'string', default: String(REAP_INTERVAL) },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    // What follows explains how to pass such a text on.
    const [first = ''] = (error as Error).message.split(/\.? To specify|\n/);
    throw new BenchUsageError(first, { cause: error });
  }
};

/** `undefined` if the help is asked for. @throws BenchUsageError */
export const readOptions = (
  args: readonly string[],
  command: BenchCommand,
): BenchOptions | undefined => {
  const values = parse(args, command);
  if (values.help) return undefined;
  return {
    settings: {
      platform: oneOf('platform', values.platform, PLATFORMS),
      init: oneOf('init', values.init, INITS),
      quick: values.quick,
      reapInterval: integer('reap-interval', values['reap-interval']),
    },
    rounds: integer('rounds', values.rounds),
    only: values.only === undefined ? undefined : listOf('only', values.only, command.names),
    contenders: listOf('contenders', values.contenders, CONTENDERS),
    json: values.json,
  };
};

const WIDTH = 80;

/** Words in lines of a page's width, all of them indented. */
const wrapped = (words: readonly string[], indent: string): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && `${indent}${line} ${word}`.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map(each => `${indent}${each}`).join('\n');
};

/** The page that `--help` prints. */
export const helpOf = ({ script, measures, rounds, contenders, names }: BenchCommand): string => {
  const options = [
    ['--only <name,name>', 'some of the names below'],
    ['--rounds <n>', `runs per figure (default: ${rounds})`],
    ['--contenders <list>', `some of ${CONTENDERS.join(',')} (default: ${contenders.join(',')})`],
    ['--platform <name>', `of our vats: ${PLATFORMS.join(' or ')} (default: own)`],
    ['--init <name>', `lockdown of our side: ${INITS.join(' or ')} (default: endo)`],
    ['--reap-interval <n>', `deliveries between two BOYDs (default: ${REAP_INTERVAL})`],
    ['--quick', 'a tenth of the sizes, and save nothing'],
    ['--json', 'print conditions and results as JSON'],
    ['-h, --help', 'show this page'],
  ] as const;
  return [
    `Usage: npm run ${script} -- [options]`,
    '',
    measures,
    '',
    'Options:',
    ...options.map(([flags, meaning]) => `  ${flags.padEnd(21)}${meaning}`),
    '',
    'Names:',
    wrapped(names, '  '),
    '',
    'docs/performance.md says how to measure, and how to read the figures.',
  ].join('\n');
};

/**
 * The options of this process. `--help` prints the page and ends the process; a wrong command line
 * ends it with status 2 and one line that names the option.
 */
export const optionsOfProcess = (command: BenchCommand): BenchOptions => {
  try {
    const options = readOptions(process.argv.slice(2), command);
    if (options) return options;
    console.log(helpOf(command));
    return process.exit(0);
  } catch (error) {
    if (!(error instanceof BenchUsageError)) throw error;
    console.error(`${command.script}: ${error.message}`);
    return process.exit(2);
  }
};
