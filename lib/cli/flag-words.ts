/**
 * Errors and warnings of the kernel name options of the API. A user has flags, so `run` and
 * `rehearse` show the flag's name instead. Commands that open the store without these flags say
 * whose they are.
 */
import { isActionCommand } from './action-args.js';
import type { CliArgs } from './args.js';

/** From the longest phrase to the shortest name: the first that fits a place is taken. */
const PHRASES: readonly (readonly [api: string, flags: string])[] = [
  [
    'call controller.run() until nothing is queued, commit, and boot this software again; ' +
      'or pass requireEmptyQueue: false',
    'run it until status says that nothing is queued, and run this software again; ' +
      'or omit --require-empty-queue',
  ],
  [
    'the host gives it no endowments: pass ',
    'commands give endowments only to a device that is called timer; ' +
      'write a host for others, as docs/host-author.md shows, and pass ',
  ],
  [
    "platformRestart.assumeEngine: 'installed', or --assume-engine installed",
    '--assume-engine installed',
  ],
  [
    'this swingstore has no kernel; call initializeSwingset first',
    'there is no swingset in the store yet',
  ],
  ['platformEpochKindChange: true', '--kind-change'],
  ['platformRestart.requireEmptyQueue is true', '--require-empty-queue is given'],
  ['the same platformRestart', 'the same options of the restart'],
  ['without a platformEpoch', 'without --epoch'],
  ['platformRestart.assumeEngine', '--assume-engine'],
  ['platformRestart.concurrency', '--concurrency'],
  ['platformRestart.exempt', '--exempt'],
  ['platformRestart.mode', '--mode'],
  ['platformRestart.onVatFailure', '--on-vat-failure'],
  ['platformRestart.requireEmptyQueue', '--require-empty-queue'],
  ['platformRestart.vatParameters', '--vat-parameters'],
  ['platformEpoch', '--epoch'],
];

/** Fields that begin a message and are ordinary words elsewhere. */
const FIELDS: readonly (readonly [api: string, flags: string])[] = [
  ['platform: ', '--platform: '],
  ['imageBundles: ', '--image-bundles: '],
  ['serveImportBundle: ', '--no-serve-import-bundle: '],
  ['tempDir: ', '--temp-dir: '],
];

/** A message of the kernel, in the words of the command line. */
export const inFlags = (message: string): string => {
  const [api, flag] = FIELDS.find(([field]) => message.startsWith(field)) ?? ['', ''];
  return PHRASES.reduce(
    (text, [phrase, flags]) => text.replaceAll(phrase, flags),
    `${flag}${message.slice(api.length)}`,
  );
};

/** The commands whose flags these are. `chain start` has others. */
const COMMANDS: readonly CliArgs['command'][] = ['init', 'run', 'start', 'rehearse', 'epoch plan'];

/** The commands that take a configuration. */
const MAKERS: readonly CliArgs['command'][] = ['init', 'run', 'start'];

/** For commands that can't make a swingset. */
const withMaker = (message: string): string =>
  message.replace(
    ' yet: pass a configuration to make one',
    ' yet: make one with `swingset-kernel init`',
  );

/** For commands that boot as those do, on the epoch and the platform that the store records. */
const withOwner = (message: string, text: string): string =>
  text === message ? message : `${text} (options of \`swingset-kernel start\` and \`run\`)`;

/** An error's message for the user of a command; undefined: the command line made no sense. */
export const messageFor = (command: CliArgs['command'] | undefined, message: string): string => {
  if (command === undefined) return message;
  const told = MAKERS.includes(command) ? message : withMaker(message);
  if (isActionCommand({ command })) return withOwner(told, inFlags(told));
  return COMMANDS.includes(command) ? inFlags(told) : told;
};
