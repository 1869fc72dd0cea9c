/** The options that choose the platform of vats, for `run` and `rehearse`. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { RepeatableOption } from './help/page.js';
import { pickPlatform, type GivenPlatform } from '../platform-epoch/platform-options.js';
import { oneMore } from './restart-args.js';

const makePlatformOptions = (): readonly Option[] => [
  new Option(
    '--platform <kind>',
    "own (this kernel's lockdown and supervisor) or stock (Agoric's)",
  ).choices(['own', 'stock']),
  new RepeatableOption(
    '--image-bundles <bundle>',
    'ID or name of an installed bundle whose modules the platform image holds (repeatable)',
  ).argParser(oneMore),
  new Option(
    '--no-serve-import-bundle',
    "vats keep their own @endo/import-bundle instead of the platform's",
  ),
];

/** They take effect in a new swingset, or together with a new epoch. */
export const addPlatformOptions = (command: Command): Command => {
  for (const option of makePlatformOptions()) {
    command.addOption(option.helpGroup('Platform options:'));
  }
  return command;
};

export const readPlatformArgs = (command: Command): GivenPlatform => {
  const { platform, imageBundles, serveImportBundle } = command.opts<GivenPlatform>();
  // Commander gives a negatable option the value true where the command line says nothing.
  return pickPlatform({
    ...(platform && { platform }),
    ...(imageBundles && { imageBundles }),
    ...(serveImportBundle === false && { serveImportBundle }),
  });
};
