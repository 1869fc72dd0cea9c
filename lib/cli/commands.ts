/** What each command does. Prints through `io`, and leaves errors to the caller. */
import { appendFileSync, statSync } from 'node:fs';
import type { SwingSetConfig } from '../controller/config-types.js';
import { loadBasedir, loadSwingsetConfigFile } from '../controller/config-files.js';
import { swingsetIsInitialized } from '../controller/initialize.js';
import { NoConfigError, openSoloHost } from '../host/solo-host.js';
import type { SoloHost } from '../host/solo-host.js';
import { summarizeSwingset } from '../host/swingset-summary.js';
import type { SwingsetSummary } from '../host/swingset-summary.js';
import type { PlatformRestartReport } from '../platform-epoch/types.js';
import { printable } from '../printable.js';
import type { WarningSink } from '../unknown-fields.js';
import { initSwingStore, openSwingStore } from '../store/swing-store.js';
import type { SlogSender } from '../types/slog.js';
import type { CliArgs, RunArgs } from './args.js';
import { isChainCommand, runChainCommand } from './chain/chain-commands.js';
import type { ChainIO } from './chain/chain-commands.js';
import { epochImagesCommand } from './epoch-images.js';
import { paramsCommand } from './params.js';
import {
  describeRestart,
  epochTable,
  heldLines,
  restartTable,
  rollingLines,
  vatTable,
} from './reports.js';
import { rehearseCommand } from './rehearse.js';
import { loadRestartOptions } from './restart-args.js';
import { showRestart } from './restart-progress.js';
import { runStoreCommand } from './store-commands.js';
import type { StoreIO } from './store-commands.js';

export interface CliIO extends StoreIO, ChainIO {
  /** Width of the terminal, in cells. Undefined if stdout is none. */
  readonly columns?: number | undefined;
}

const bigintsAsText = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}` : value;

const makeSlogFile =
  (path: string): SlogSender =>
  entry =>
    appendFileSync(path, `${JSON.stringify(entry, bigintsAsText)}\n`);

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const loadConfig = async (
  { config: path, worker, home, strict }: RunArgs,
  console: WarningSink,
): Promise<SwingSetConfig> => {
  if (path === undefined) throw new NoConfigError(home);
  const config = isDirectory(path)
    ? loadBasedir(path)
    : await loadSwingsetConfigFile(path, { strict, console });
  // The same object goes on, because each of its unknown fields is reported once.
  if (worker !== undefined) config.defaultManagerType = worker;
  return config;
};

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

const eraseStore = async (home: string): Promise<void> => {
  await initSwingStore(home).hostStorage.close();
};

/** Reads an existing store, even while a kernel runs on it. */
const readStore = async (home: string): Promise<SwingsetSummary> => {
  const { hostStorage, kernelStorage } = openSwingStore(home, { readOnly: true });
  try {
    if (!swingsetIsInitialized(kernelStorage)) throw new NoConfigError(home);
    return summarizeSwingset(kernelStorage);
  } finally {
    await hostStorage.close();
  }
};

const withWarnings = (
  report: PlatformRestartReport | undefined,
  more: readonly string[],
): PlatformRestartReport | undefined =>
  report && { ...report, warnings: [...report.warnings, ...more] };

const runCommand = async (
  args: RunArgs,
  { print, warn, now, progress, interruption }: CliIO,
): Promise<void> => {
  const { home, epoch, slog, reset, argv, json } = args;
  // Before the store is erased: a mistake in the configuration must not cost the old one.
  const load = () => loadConfig(args, { warn: message => warn(String(message)) });
  const config = reset ? await load() : undefined;
  if (reset) await eraseStore(home);
  const restart = loadRestartOptions(args);
  const startedAt = now();
  const host = await openSoloHost({
    home,
    argv,
    getConfig: async () => config ?? load(),
    runtimeOptions: {
      signal: interruption(),
      strict: args.strict,
      ...args.platform,
      ...(epoch !== undefined && {
        platformEpoch: epoch,
        platformEpochKindChange: args.platformEpochKindChange,
        platformRestart: { ...restart.options, onRestartProgress: showRestart(progress) },
      }),
      ...(slog !== undefined && { slogSender: makeSlogFile(slog) }),
    },
  });
  const bootedAt = now();
  const report = withWarnings(host.controller.getPlatformRestartReport(), restart.warnings());
  const cranks = await host.run();
  const ranAt = now();
  const bootstrap = bootstrapStatus(host);
  const { rolling } = host.controller.getStatus();
  await host.close();
  const summary = await readStore(home);
  const bootMs = Math.round(bootedAt - startedAt);
  const runMs = Math.round(ranAt - bootedAt);
  if (json) {
    const result = {
      isNew: host.isNew,
      bootMs,
      runMs,
      cranks,
      bootstrap,
      report,
      ...summary,
      ...(rolling && { rolling }),
    };
    print(JSON.stringify(result, bigintsAsText, 2));
    return;
  }
  print(`${host.isNew ? 'made a new swingset' : 'opened the swingset'} in ${home}, ${bootMs} ms`);
  print(describeRestart(report, { platformEpoch: epoch, isNew: host.isNew }));
  for (const warning of report?.warnings ?? []) print(`warning: ${printable(warning)}`);
  if (report && report.vats.length > 0) {
    print(['', restartTable(report), ...heldLines(report.vats), ''].join('\n'));
  }
  print(
    `ran ${cranks} cranks, ${runMs} ms; bootstrap: ${bootstrap.state} ${bootstrap.value ?? ''}`,
  );
  for (const line of rollingLines(summary, rolling?.runsLeft)) print(line);
  print(`\n${vatTable(summary)}`);
};

const statusCommand = async (home: string, json: boolean, { print }: CliIO): Promise<void> => {
  const summary = await readStore(home);
  if (json) {
    print(JSON.stringify(summary, bigintsAsText, 2));
    return;
  }
  const last = summary.ledger.at(-1);
  print(`crank ${summary.crankNumber}, ${summary.queued} events queued`);
  print(`activityhash ${summary.activityhash}`);
  print(last ? `platform epoch ${last.epoch} (${last.status})` : 'no platform epoch');
  for (const line of rollingLines(summary)) print(line);
  print(`\n${vatTable(summary)}`);
};

const epochsCommand = async (home: string, json: boolean, { print }: CliIO): Promise<void> => {
  const { ledger } = await readStore(home);
  print(json ? JSON.stringify(ledger, null, 2) : epochTable(ledger));
};

export const runCommandLine = async (args: CliArgs, io: CliIO): Promise<void> => {
  switch (args.command) {
    case 'run':
      return runCommand(args, io);
    case 'status':
      return statusCommand(args.home, args.json, io);
    case 'epochs':
      return epochsCommand(args.home, args.json, io);
    case 'params':
      return paramsCommand(args, io);
    case 'epoch images':
      return epochImagesCommand(args, io);
    case 'rehearse':
      return rehearseCommand(args, io);
    case 'print':
      return io.print(args.text);
    default:
      return isChainCommand(args) ? runChainCommand(args, io) : runStoreCommand(args, io);
  }
};
