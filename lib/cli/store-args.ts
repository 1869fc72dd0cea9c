/** The `store` commands: their options and operands. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { ArtifactMode } from '../store/artifact-mode.js';
import type { PrunePolicy } from '../store/prune.js';
import { addBareCommand, addCommand, whenParsed, wholeNumberUpTo } from './command.js';
import type { CommonArgs } from './command.js';
import { storePage, storePages } from './help/store-pages.js';

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

const modeOption = (description: string): Option =>
  new Option('--mode <mode>', description).choices([
    'operational',
    'replay',
    'archival',
    'debug',
  ] satisfies ArtifactMode[]);

const addCompact = (store: Command, found: (args: StoreArgs) => void): void => {
  const compact = addCommand(store, 'compact', storePages.compact)
    .addOption(
      new Option(
        '--keep-spans <which>',
        'first delete the items of other transcript spans',
      ).choices(['current', 'incarnation', 'all']),
    )
    .addOption(
      new Option('--keep-snapshots <which>', 'first delete other heap snapshots').choices([
        'in-use',
        'all',
      ]),
    )
    .option(
      '--budget <n>',
      'delete at most this many spans and snapshots',
      wholeNumberUpTo(Number.MAX_SAFE_INTEGER),
    );
  whenParsed<PrunePolicy>(compact, (common, { keepSpans, keepSnapshots, budget }) =>
    found({
      command: 'store compact',
      ...common,
      policy: {
        ...(keepSpans && { keepSpans }),
        ...(keepSnapshots && { keepSnapshots }),
        ...(budget !== undefined && { budget }),
      },
    }),
  );
};

/** Adds `store` to the program; `found` gets what the user asked for. */
export const addStoreCommands = (program: Command, found: (args: StoreArgs) => void): void => {
  const store = addBareCommand(program, 'store', storePage);

  whenParsed(addCommand(store, 'verify', storePages.verify), common =>
    found({ command: 'store verify', ...common }),
  );

  const repair = addCommand(store, 'repair', storePages.repair).option(
    '--from <dir>',
    'an export or store of the same swingset, or of a replica, to copy from',
  );
  whenParsed<{ from?: string }>(repair, (common, { from }) =>
    found({ command: 'store repair', ...common, from }),
  );

  whenParsed(addCommand(store, 'stats', storePages.stats), common =>
    found({ command: 'store stats', ...common }),
  );

  addCompact(store, found);

  const copy = addCommand(store, 'copy', storePages.copy).argument('<to>', 'directory to make');
  whenParsed(copy, (common, _values, [to = '']) => found({ command: 'store copy', ...common, to }));

  const exported = addCommand(store, 'export', storePages.export)
    .argument('<to>', 'directory to make')
    .addOption(modeOption('how much history to include').default('operational'));
  whenParsed<{ mode: ArtifactMode }>(exported, (common, { mode }, [to = '']) =>
    found({ command: 'store export', ...common, to, mode }),
  );

  const imported = addCommand(store, 'import', storePages.import)
    .argument('<from>', 'export directory')
    .addOption(modeOption("how much history to require (default: the export's own mode)"));
  whenParsed<{ mode?: ArtifactMode }>(imported, (common, { mode }, [from = '']) =>
    found({ command: 'store import', ...common, from, mode }),
  );
};
