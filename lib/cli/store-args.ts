/** The `store` commands: their options and operands. */
import { Option } from 'commander';
import type { Command } from 'commander';
import type { ArtifactMode } from '../store/artifact-mode.js';
import type { PrunePolicy } from '../store/prune.js';
import { addCommand, reportMistakes, whenParsed, wholeNumberUpTo } from './command.js';
import type { CommonArgs } from './command.js';

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
  const compact = addCommand(store, 'compact', 'return free space to the file system')
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
  const store = reportMistakes(program.command('store')).description(
    'check, repair, copy, export, import or shrink a swingstore',
  );

  whenParsed(addCommand(store, 'verify', 'check everything that is stored'), common =>
    found({ command: 'store verify', ...common }),
  );

  const repair = addCommand(
    store,
    'repair',
    'rebuild what is damaged, where other data says what it was',
  ).option(
    '--from <dir>',
    'an export or store of the same swingset, or of a replica, to copy from',
  );
  whenParsed<{ from?: string }>(repair, (common, { from }) =>
    found({ command: 'store repair', ...common, from }),
  );

  whenParsed(addCommand(store, 'stats', 'show what takes the space'), common =>
    found({ command: 'store stats', ...common }),
  );

  addCompact(store, found);

  const copy = addCommand(
    store,
    'copy',
    'copy the store as of its last commit, even while it is in use',
  ).argument('<to>', 'directory to make');
  whenParsed(copy, (common, _values, [to = '']) => found({ command: 'store copy', ...common, to }));

  const exported = addCommand(
    store,
    'export',
    'write an export directory, even while the store is in use',
  )
    .argument('<to>', 'directory to make')
    .addOption(modeOption('how much history to include').default('operational'));
  whenParsed<{ mode: ArtifactMode }>(exported, (common, { mode }, [to = '']) =>
    found({ command: 'store export', ...common, to, mode }),
  );

  const imported = addCommand(store, 'import', 'make a store from an export directory')
    .argument('<from>', 'export directory')
    .addOption(modeOption("how much history to require (default: the export's own mode)"));
  whenParsed<{ mode?: ArtifactMode }>(imported, (common, { mode }, [from = '']) =>
    found({ command: 'store import', ...common, from, mode }),
  );
};
