/** `swingset-kernel slog summary`, `timeline` and `diff`. */
import { readSlog } from '../../host/slog/read-slog.js';
import type { SlogLine } from '../../host/slog/read-slog.js';
import { diffSlogs } from '../../host/slog/slog-diff.js';
import type { DiffSide, SlogDiff } from '../../host/slog/slog-diff.js';
import { summarizeSlog } from '../../host/slog/slog-summary.js';
import type { RestartActivity, SlogSummary } from '../../host/slog/slog-summary.js';
import { CUT_LINE, timelineOf } from '../../host/slog/slog-timeline.js';
import type { TimelineEvent } from '../../host/slog/slog-timeline.js';
import { printable } from '../../printable.js';
import { fitTable, shortenName } from '../table.js';
import { cutTo } from './labels.js';
import type { LookIO } from './look-io.js';
import type { SlogArgs, SlogDiffArgs, SlogSummaryArgs, SlogTimelineArgs } from './slog-args.js';

async function* readAll(files: readonly string[]): AsyncGenerator<SlogLine, void> {
  for (const file of files) yield* readSlog(file);
}

/** Nothing if no line was cut off. */
const skippedText = (count: number, where = ''): readonly string[] =>
  count === 0 ? [] : [`${count === 1 ? '1 cut line' : `${count} cut lines`}${where} skipped`];

const dateOf = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time * 1000).toISOString();

const secondsText = (seconds: number): string => seconds.toFixed(3);

/** `2 notify, 40 message`. */
const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');

const restartText = ({ epoch, mode, results, failed, ms, finished }: RestartActivity): string =>
  printable(
    `restart for epoch ${epoch} (${mode ?? 'mode not logged'}): ${countsText(results)}, ` +
      `${failed} failed, ${Math.round(ms)} ms${finished ? '' : '; it did not finish'}`,
  );

const VAT_HEADINGS = [
  ...['vat', 'name', 'deliveries', 'failed', 'computrons', 'syscalls', 'seconds', 'longest'],
  ...['snapshots', 'replays', 'types'],
];

const GIVES_WAY = ['types', 'replays', 'snapshots', 'syscalls', 'failed', 'longest', 'name'];

const summaryText = (summary: SlogSummary, width: number | undefined): string => {
  const { entries, firstTime, lastTime, blocks, cranks, crankSeconds, restarts, vats } = summary;
  const count = Object.values(cranks).reduce((sum, each) => sum + each, 0);
  const lines = [
    `${entries} entries, from ${dateOf(firstTime) ?? 'no time'} to ${dateOf(lastTime) ?? 'no time'}`,
    `${count} cranks in ${secondsText(crankSeconds)} s${count > 0 ? `: ${countsText(cranks)}` : ''}`,
    ...(blocks > 0 ? [`${blocks} blocks`] : []),
    ...restarts.map(restartText),
    ...skippedText(summary.skippedLines),
  ];
  if (vats.length === 0) return lines.join('\n');
  const rows = vats.map(vat => [
    vat.vatID,
    shortenName(vat.name),
    vat.deliveries,
    vat.failed,
    vat.computrons,
    vat.syscalls,
    secondsText(vat.seconds),
    secondsText(vat.longest),
    vat.snapshots,
    vat.replays,
    countsText(vat.byType),
  ]);
  return [...lines, '', fitTable(VAT_HEADINGS, rows, { width, givesWay: GIVES_WAY })].join('\n');
};

const summaryCommand = async (
  { files, json }: SlogSummaryArgs,
  { print, columns }: LookIO,
): Promise<void> => {
  const summary = await summarizeSlog(readAll(files));
  print(json ? JSON.stringify(summary, null, 2) : summaryText(summary, columns));
};

/** Fixed columns, because the lines are printed as they are read. */
const timelineLine = (
  { time, crankNum, type, vatID, detail }: TimelineEvent,
  width: number | undefined,
): string =>
  cutTo(
    [
      (dateOf(time) ?? '-').padEnd(24),
      `crank ${crankNum ?? '-'}`.padEnd(12),
      (vatID ?? '-').padEnd(5),
      type.padEnd(20),
      printable(detail),
    ]
      .join('  ')
      .trimEnd(),
    width,
  );

const timelineCommand = async (
  { files, json, vat }: SlogTimelineArgs,
  { print, columns }: LookIO,
): Promise<void> => {
  let skipped = 0;
  for await (const event of timelineOf(readAll(files))) {
    const isCut = event.type === CUT_LINE;
    if (isCut) skipped += 1;
    // Nobody knows which vat a cut line was about.
    else if (vat !== undefined && event.vatID !== vat) continue;
    print(json ? JSON.stringify(event) : timelineLine(event, columns));
  }
  if (!json) for (const line of skippedText(skipped)) print(line);
};

const sideText = ({ file, line, entry }: DiffSide, width: number | undefined): string =>
  cutTo(`${file}:${line}  ${printable(JSON.stringify(entry))}`, width);

const partAt = (entry: unknown, at: string): string => {
  const part = at
    .split('.')
    .reduce<unknown>((value, field) => (value as Record<string, unknown>)[field], entry);
  return printable(JSON.stringify(part) ?? 'nothing');
};

const differenceText = (
  { equal, difference }: SlogDiff,
  { left: leftFile, right: rightFile }: SlogDiffArgs,
  width: number | undefined,
): string => {
  if (!difference) return `no difference in ${equal} entries`;
  const { left, right, at, before } = difference;
  const head = [`${equal} entries are equal`, ...before.map(side => sideText(side, width)), ''];
  if (!left) return [...head, `${leftFile} ends before`, sideText(right!, width)].join('\n');
  if (!right) return [...head, `${rightFile} ends before`, sideText(left, width)].join('\n');
  return [
    ...head,
    `the next differ in ${printable(at)}`,
    sideText(left, width),
    sideText(right, width),
    '',
    `left   ${partAt(left.entry, at)}`,
    `right  ${partAt(right.entry, at)}`,
  ].join('\n');
};

const diffText = (found: SlogDiff, args: SlogDiffArgs, width: number | undefined): string =>
  [
    differenceText(found, args, width),
    ...skippedText(found.skippedLines.left, ` of ${args.left}`),
    ...skippedText(found.skippedLines.right, ` of ${args.right}`),
  ].join('\n');

const diffCommand = async (args: SlogDiffArgs, io: LookIO): Promise<void> => {
  const { left, right, json, context, all } = args;
  const found = await diffSlogs(readSlog(left), readSlog(right), { context, all });
  io.print(json ? JSON.stringify(found, null, 2) : diffText(found, args, io.columns));
  if (found.difference) io.fail();
};

export const slogCommand = (args: SlogArgs, io: LookIO): Promise<void> => {
  switch (args.command) {
    case 'slog summary':
      return summaryCommand(args, io);
    case 'slog timeline':
      return timelineCommand(args, io);
    case 'slog diff':
      return diffCommand(args, io);
    default:
      return args satisfies never;
  }
};
