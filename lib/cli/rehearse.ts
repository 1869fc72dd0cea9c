/** `swingset-kernel rehearse`: tries an epoch on a copy. Exit code 0 if no vat fails. */
import { closeSync, existsSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { errorText } from '../errors.js';
import { rehearsePlatformEpoch } from '../host/rehearse-platform-epoch.js';
import type { CanaryReport, RehearsalReport } from '../platform-epoch/rehearsal-types.js';
import { printable } from '../printable.js';
import { describeParameters } from '../platform-epoch/parameter-advice.js';
import { worstFirst } from '../platform-epoch/report-order.js';
import { renderRehearsalHtml } from '../platform-epoch/report-html.js';
import {
  describeCanary,
  describeLateFailure,
  describePlatform,
  describeQueued,
  describeVerdict,
} from '../platform-epoch/report-words.js';
import type { RehearseArgs } from './args.js';
import { inFlags } from './flag-words.js';
import { heldLines } from './reports.js';
import { loadRestartOptions } from './restart-args.js';
import { showCanary, showRestart } from './restart-progress.js';
import type { Progress } from './store-progress.js';
import { fitTable, shortenName } from './table.js';
import { UsageError } from './usage-error.js';

export interface RehearseIO {
  readonly print: (text: string) => void;
  readonly progress: Progress;
  /** Width of the terminal, in cells. Undefined if stdout is none. */
  readonly columns?: number | undefined;
  /** Sets the exit code of a failure. */
  readonly fail: () => void;
  /** From the first call on, Ctrl-C aborts this signal. */
  readonly interruption: () => AbortSignal;
}

const headings = [
  ...['vat', 'name', 'result', 'ms', 'computrons', 'rejected', 'abandoned', 'held'],
  ...['imports', 'rows', 'queued'],
];

/** What a narrow terminal does without. `--json` and `--html` have everything. */
const GIVES_WAY = ['rows', 'imports', 'computrons', 'rejected', 'abandoned', 'ms', 'held', 'name'];

const rehearsalTable = (report: RehearsalReport, width: number | undefined): string =>
  fitTable(
    headings,
    worstFirst(report).map(vat => [
      vat.vatID,
      shortenName(vat.name),
      vat.critical ? `${vat.result} (critical)` : vat.result,
      Math.round(vat.ms),
      vat.computrons,
      vat.promisesRejected,
      vat.objectsAbandoned,
      vat.objectsHeld,
      vat.importsReclaimed,
      vat.rowsReclaimed,
      vat.waiting,
    ]),
    { width, givesWay: GIVES_WAY },
  );

/** Why vats fail, a line each, worst first. */
const errorLines = (report: RehearsalReport): readonly string[] =>
  worstFirst(report).flatMap(({ vatID, name, error }) =>
    error === undefined
      ? []
      : [printable(`${[vatID, name].filter(each => each !== undefined).join(' ')}: ${error}`)],
  );

/** From which platform to which, and how many vats. */
const platformLines = ({ vats }: RehearsalReport): readonly string[] => {
  const counts = new Map<string, number>();
  for (const { oldPlatform, newPlatform } of vats) {
    const [from, to] = [describePlatform(oldPlatform), describePlatform(newPlatform)];
    const change = from === to ? `stay on ${to}` : `${from} -> ${to}`;
    counts.set(change, (counts.get(change) ?? 0) + 1);
  }
  return [...counts].map(([change, count]) =>
    printable(`platform of ${count} ${count === 1 ? 'vat' : 'vats'}: ${change}`),
  );
};

/** What followed the restart, for a terminal. */
const canaryLines = (canary: CanaryReport | undefined): readonly string[] => {
  if (!canary) return [];
  const what = describeCanary(canary);
  return [
    ...(what === '' ? [] : [what]),
    ...canary.lateFailures.map(describeLateFailure),
    ...(canary.problem === undefined ? [] : [inFlags(canary.problem)]),
  ].map(printable);
};

/** The report for a terminal. */
export const rehearsalText = (report: RehearsalReport, width?: number): string => {
  const { from, to, vats, ms, copyMs, copyBytes, problem, silentDevices } = report;
  const lines = [
    `platform epoch ${from ?? 'none yet'} -> ${to}, on a copy of ${copyBytes} bytes made in ${Math.round(copyMs)} ms`,
  ];
  if (silentDevices.length > 0) lines.push(`devices that did nothing: ${silentDevices.join(', ')}`);
  if (vats.length > 0) {
    lines.push('', rehearsalTable(report, width), '', `${Math.round(ms)} ms in all`);
    lines.push(...errorLines(report), ...platformLines(report));
  }
  lines.push(...heldLines(vats));
  if (report.decision === 'advance' && report.queuedEvents > 0) {
    lines.push(
      `The restart begins with ${describeQueued(report)}. Objects and promises in them that live in RAM are lost`,
    );
  }
  lines.push(...describeParameters(report));
  lines.push(...report.warnings.map(warning => `warning: ${printable(inFlags(warning))}`));
  lines.push(...canaryLines(report.canary));
  lines.push(describeVerdict(report));
  if (problem !== undefined) lines.push(printable(inFlags(problem)));
  return lines.join('\n');
};

/** Before the restart, which may take hours. @throws UsageError */
const insistWritable = (path: string): void => {
  const isNew = !existsSync(path);
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new UsageError(`--html: ${errorText(error)}`);
  }
  if (isNew) rmSync(path);
};

export const rehearseCommand = async (args: RehearseArgs, io: RehearseIO): Promise<void> => {
  const { home, json, epoch, html, tempDir, crankLimit, blocks, platformEpochKindChange } = args;
  const restart = loadRestartOptions(args);
  if (html !== undefined) insistWritable(html);
  const { checkpoint: _none, allow: _yes, ...given } = restart.options;
  const found = await rehearsePlatformEpoch(home, {
    platformEpoch: epoch,
    platformEpochKindChange,
    ...args.platform,
    platformRestart: { ...given, onRestartProgress: showRestart(io.progress) },
    ...(tempDir !== undefined && { tempDir }),
    onCanaryProgress: showCanary(io.progress),
    ...(crankLimit !== undefined && { crankLimit }),
    ...(blocks !== undefined && { blocks }),
    signal: io.interruption(),
  });
  const report = { ...found, warnings: [...found.warnings, ...restart.warnings()] };
  io.progress.end();
  io.print(json ? JSON.stringify(report, null, 2) : rehearsalText(report, io.columns));
  if (!report.ok) io.fail();
  // Last, so that a path that can't be written does not cost the report.
  if (html !== undefined) writeFileSync(html, renderRehearsalHtml(report));
};
