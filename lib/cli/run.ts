/** `swingset-kernel run`: boots, runs what is queued, commits, and says how the vats fared. */
import { openSoloHost } from '../host/solo-host.js';
import type { SoloHost, SoloHostOptions } from '../host/solo-host.js';
import type { PlatformRestartReport } from '../platform-epoch/types.js';
import { printable } from '../printable.js';
import { replaceStore } from '../store/staging.js';
import type { SlogFile } from '../telemetry/slog-file.js';
import type { RunArgs } from './args.js';
import { exitCodes } from './exit-codes.js';
import { failedStartLines, findFailedStarts, makeLateEnds, mayEndVats } from './failed-starts.js';
import { inFlags } from './flag-words.js';
import { bigintsAsText } from '../json-text.js';
import { readSummary } from './read-summary.js';
import { describeRestart, heldLines, restartTable, rollingLines, vatTable } from './reports.js';
import { loadRestartOptions } from './restart-args.js';
import { makeRuntimeOptions } from './runtime-options.js';
import type { StoreIO } from './store-commands.js';
import { openSlogFile } from './slog-args.js';
import { loadConfig } from './swingset-files.js';
import { unreadWarnings } from './unread.js';

export interface RunIO extends StoreIO {
  readonly warn: (text: string) => void;
  /** Milliseconds, for durations. */
  readonly now: () => number;
  /** Whole seconds since 1970, for the vats' timer. */
  readonly clock: () => bigint;
}

interface BootstrapStatus {
  readonly state: string;
  /** Body of the marshalled value or reason. */
  readonly value?: string;
}

const bootstrapStatus = ({ controller, bootstrapResult }: SoloHost): BootstrapStatus => {
  if (bootstrapResult === undefined) return { state: 'no bootstrap vat' };
  const state = controller.kpStatus(bootstrapResult);
  const settled = state === 'fulfilled' || state === 'rejected';
  if (!settled) return { state };
  // Reading ends an interest, so register another one for the next call.
  controller.kpRegisterInterest(bootstrapResult);
  return { state, value: controller.kpResolution(bootstrapResult, { incref: false }).body };
};

/** For `--reset`: whatever stands in the way of the new swingset must not cost the old one. */
const makeAnew = (options: SoloHostOptions): Promise<void> =>
  replaceStore(options.home, async staging => {
    const host = await openSoloHost({ ...options, home: staging });
    await host.close();
  });

const withWarnings = (
  report: PlatformRestartReport | undefined,
  more: readonly string[],
): PlatformRestartReport | undefined =>
  report && { ...report, warnings: [...report.warnings, ...more] };

export const runCommand = async (
  args: RunArgs,
  { print, warn, now, clock, progress, interruption, fail }: RunIO,
): Promise<void> => {
  const { home, epoch, reset, argv, json } = args;
  const restart = loadRestartOptions(args);
  const slog = openSlogFile(args.slog, warn);
  const startedAt = now();
  const signal = interruption();
  const late = makeLateEnds();
  // A slog costs time in each crank.
  const notesEnds = !reset && (await mayEndVats(home, restart.options));
  const optionsWith = (written: SlogFile | undefined): SoloHostOptions => ({
    home,
    argv,
    clock,
    getConfig: () => loadConfig(args, warn),
    runtimeOptions: { signal, ...makeRuntimeOptions(args, restart, written, progress) },
  });
  if (reset) await makeAnew(optionsWith(undefined));
  const options = optionsWith(slog);
  const host = await openSoloHost({
    ...options,
    ...(notesEnds && {
      runtimeOptions: { ...options.runtimeOptions, slogSender: late.noting(slog?.slogSender) },
    }),
    onCommitted: slog?.flush,
  });
  const isNew = reset || host.isNew;
  const bootedAt = now();
  if (!isNew) for (const warning of unreadWarnings(args)) warn(warning);
  const booted = host.controller.getStatus();
  const report = withWarnings(host.controller.getPlatformRestartReport(), restart.warnings());
  const cranks = await host.run();
  const ranAt = now();
  const bootstrap = bootstrapStatus(host);
  const { rolling } = host.controller.getStatus();
  await host.close();
  await slog?.close();
  const summary = await readSummary(home);
  const failed = findFailedStarts(report, booted, summary, late.ends);
  if (failed.length > 0) fail(exitCodes.vatsFailed);
  const bootMs = Math.round(bootedAt - startedAt);
  const runMs = Math.round(ranAt - bootedAt);
  if (json) {
    const result = {
      isNew,
      bootMs,
      runMs,
      cranks,
      bootstrap,
      report,
      failed,
      ...summary,
      ...(rolling && { rolling }),
    };
    print(JSON.stringify(result, bigintsAsText, 2));
    return;
  }
  print(`${isNew ? 'made a new swingset' : 'opened the swingset'} in ${home}, ${bootMs} ms`);
  print(describeRestart(report, { platformEpoch: epoch, isNew }));
  for (const warning of report?.warnings ?? []) print(`warning: ${printable(inFlags(warning))}`);
  if (report && report.vats.length > 0) {
    print(['', restartTable(report), ...heldLines(report.vats), ''].join('\n'));
  }
  print(
    `ran ${cranks} cranks, ${runMs} ms; bootstrap: ${bootstrap.state} ${bootstrap.value ?? ''}`,
  );
  for (const line of rollingLines(summary, rolling?.runsLeft)) print(line);
  print(['', vatTable(summary), ...failedStartLines(failed)].join('\n'));
};
