/** The `slog` commands: their options and operands. They read files, and need no store. */
import type { Command } from 'commander';
import { addBareCommand, checkOperands, wholeNumberUpTo } from '../command.js';
import { slogDiffPage, slogPage, slogSummaryPage, slogTimelinePage } from '../help/look-pages.js';
import type { HelpPage } from '../help/page.js';

interface SlogCommon {
  readonly json: boolean;
}

export interface SlogSummaryArgs extends SlogCommon {
  readonly command: 'slog summary';
  /** Oldest first. */
  readonly files: readonly string[];
}

export interface SlogTimelineArgs extends SlogCommon {
  readonly command: 'slog timeline';
  /** Oldest first. */
  readonly files: readonly string[];
  /** Only this vat. */
  readonly vat: string | undefined;
}

export interface SlogDiffArgs extends SlogCommon {
  readonly command: 'slog diff';
  readonly left: string;
  readonly right: string;
  /** How many equal entries to show before the difference. */
  readonly context: number;
  readonly all: boolean;
}

export type SlogArgs = SlogSummaryArgs | SlogTimelineArgs | SlogDiffArgs;

const addSlogCommand = (parent: Command, name: string, page: HelpPage): Command =>
  addBareCommand(parent, name, page)
    .option('--json', 'print JSON instead of tables')
    .option('--debug', 'print the stack of an error');

const whenSlogParsed = <V extends object>(
  command: Command,
  take: (json: boolean, values: V, operands: readonly string[]) => void,
): void => {
  command.allowExcessArguments().action(() => {
    checkOperands(command);
    const { json = false } = command.opts<{ json?: true }>();
    take(json, command.opts<V>(), command.args);
  });
};

/** How many entries `slog diff` shows before the difference. */
const CONTEXT = 3;

export const addSlogCommands = (program: Command, found: (args: SlogArgs) => void): void => {
  const slog = addBareCommand(program, 'slog', slogPage);

  const summary = addSlogCommand(slog, 'summary', slogSummaryPage).argument(
    '<files...>',
    'slog files of one kernel, oldest first',
  );
  whenSlogParsed(summary, (json, _values, files) =>
    found({ command: 'slog summary', json, files }),
  );

  const timeline = addSlogCommand(slog, 'timeline', slogTimelinePage)
    .argument('<files...>', 'slog files of one kernel, oldest first')
    .option('--vat <id>', 'only events of this vat');
  whenSlogParsed<{ vat?: string }>(timeline, (json, { vat }, files) =>
    found({ command: 'slog timeline', json, files, vat }),
  );

  const diff = addSlogCommand(slog, 'diff', slogDiffPage)
    .argument('<left>', 'slog file')
    .argument('<right>', 'slog file')
    .option(
      '--context <n>',
      `show so many entries before the difference (default: ${CONTEXT})`,
      wholeNumberUpTo(1000),
    )
    .option('--all', 'compare also what replicas need not share');
  whenSlogParsed<{ context?: number; all?: true }>(
    diff,
    (json, { context = CONTEXT, all = false }, [left = '', right = '']) =>
      found({ command: 'slog diff', json, left, right, context, all }),
  );
};
