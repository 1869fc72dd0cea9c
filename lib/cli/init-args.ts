/** `init`: makes a swingset, and runs nothing. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { GivenPlatform } from '../platform-epoch/platform-options.js';
import type { PlatformEpoch } from '../types/platform-epoch.js';
import { addCommand, whenParsed } from './command.js';
import type { CommonArgs } from './command.js';
import { initPage } from './help/solo-pages.js';
import { addPlatformOptions, readPlatformArgs } from './platform-args.js';
import { epochOption } from './restart-args.js';

export interface InitArgs extends CommonArgs {
  readonly command: 'init';
  readonly config: string;
  readonly epoch: PlatformEpoch | undefined;
  readonly worker: 'xsnap' | 'local' | undefined;
  readonly strict: boolean;
  readonly platform: GivenPlatform;
  readonly argv: readonly string[];
}

interface InitValues {
  readonly epoch?: PlatformEpoch;
  readonly worker?: 'xsnap' | 'local';
  readonly strict?: true;
}

export const addInitCommand = (
  program: Command,
  argv: readonly string[],
  found: (args: InitArgs) => void,
): void => {
  const init = addCommand(program, 'init', initPage)
    .argument('<config>', 'a swingset.json, or a directory with bootstrap.js and vat-*.js')
    .addOption(epochOption("the platform's name or number, from which later ones advance"))
    .addOption(
      new Option('--worker <type>', 'worker of vats that name none').choices(['xsnap', 'local']),
    )
    .option('--strict', 'refuse a configuration with unknown fields');
  whenParsed<InitValues>(
    addPlatformOptions(init),
    (common, { epoch, worker, strict = false }, [config = '']) =>
      found({
        command: 'init',
        ...common,
        config,
        epoch,
        worker,
        strict,
        argv,
        platform: readPlatformArgs(init),
      }),
    '; arguments of the bootstrap vat come after --',
  );
};
