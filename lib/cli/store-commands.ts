/** What the `store` commands do. Those that only read may be stopped at any moment. */
import { OWN, STOCK } from '../platform/choices.js';
import { loadPlatform } from '../platform/load-platform.js';
import { makeNodeWorkerPowers } from '../platform/node-powers.js';
import { copySwingStore } from '../store/copy.js';
import { isExportDirectory, openExportDirectory } from '../store/export-directory.js';
import { writeExportDirectory } from '../store/export-writer.js';
import { makeSwingStoreExporter } from '../store/exporter.js';
import { importExportDirectory } from '../store/import-store.js';
import { pruneStore } from '../store/prune.js';
import { repairStore } from '../store/repair.js';
import type { RepairOptions } from '../store/repair.js';
import { compactStore, getStoreStats } from '../store/stats.js';
import { verifyStore } from '../store/verify.js';
import type { ExitCode } from './exit-codes.js';
import type { StoreArgs } from './store-args.js';
import { kernelChecks } from './store-checks.js';
import type { Progress } from './store-progress.js';
import { makeSnapshotReplay } from '../host/replay-vat.js';
import {
  compactText,
  exportText,
  formatBytes,
  importText,
  repairText,
  statsText,
  verifyText,
} from './store-reports.js';

export interface StoreIO {
  /** Prints a line, or several. */
  readonly print: (text: string) => void;
  /** Sets the exit code of a failure, for a command that did its work and found a problem. */
  readonly fail: (code?: ExitCode) => void;
  readonly progress: Progress;
  /** From the first call on, Ctrl-C aborts this signal instead of ending the process. */
  readonly interruption: () => AbortSignal;
}

type Args<C extends StoreArgs['command']> = Extract<StoreArgs, { command: C }>;

/** The result of a command, as JSON and as text. */
interface Result {
  readonly value: unknown;
  readonly text: string;
  readonly ok?: boolean;
}

const verify = async (home: string, { progress }: StoreIO): Promise<Result> => {
  const report = await verifyStore(home, {
    checks: kernelChecks,
    onProgress: thing => progress.update(`checking ${thing}`),
  });
  return { value: report, text: verifyText(report), ok: report.ok };
};

/** A source of artifacts: an export directory or a store. */
const openOther = async (dirPath: string) => {
  if (await isExportDirectory(dirPath)) return openExportDirectory(dirPath);
  return makeSwingStoreExporter(dirPath, { artifactMode: 'debug' });
};

const repair = async (
  { home, from }: Args<'store repair'>,
  { progress }: StoreIO,
): Promise<Result> => {
  const platforms = [await loadPlatform(STOCK), await loadPlatform(OWN)] as const;
  const other = from === undefined ? undefined : await openOther(from);
  const onProgress = (text: string): void => progress.update(text);
  const options: RepairOptions = {
    checks: kernelChecks,
    onProgress,
    replay: makeSnapshotReplay({
      platform: platforms[0],
      workers: makeNodeWorkerPowers(),
      onProgress,
    }),
    findBundle: async bundleID => {
      const found = platforms.flatMap(({ bundleIDs, bundles }) =>
        bundles.filter((_, index) => bundleIDs[index] === bundleID),
      );
      return found[0];
    },
    ...(other && { artifacts: { getArtifact: (name: string) => asAsync(other, name) } }),
  };
  try {
    const report = await repairStore(home, options);
    return { value: report, text: repairText(report), ok: report.ok };
  } finally {
    await other?.close?.();
  }
};

async function* asAsync(
  source: Awaited<ReturnType<typeof openOther>>,
  name: string,
): AsyncIterableIterator<Uint8Array> {
  yield* source.getArtifact(name);
}

const compact = ({ home, policy }: Args<'store compact'>, { progress }: StoreIO): Result => {
  const prunes = policy.keepSpans !== undefined || policy.keepSnapshots !== undefined;
  const onProgress = (count: number): void => progress.update(`deleted ${count}`);
  const pruned = prunes ? pruneStore(home, { ...policy, onProgress }) : undefined;
  const sizes = compactStore(home);
  const value = { ...sizes, ...(pruned && { pruned }) };
  return { value, text: compactText(value) };
};

const copy = async (
  { home, to }: Args<'store copy'>,
  { progress, interruption }: StoreIO,
): Promise<Result> => {
  let bytes = 0;
  await copySwingStore(home, to, {
    signal: interruption(),
    onProgress: ({ copiedPages, totalPages, pageSize }) => {
      bytes = totalPages * pageSize;
      const percent = Math.floor((100 * copiedPages) / Math.max(1, totalPages));
      progress.update(`copying ${home}: ${percent} % of ${formatBytes(bytes)}`);
    },
  });
  return { value: { to, bytes }, text: `copied the store in ${home} to ${to}` };
};

interface Moved {
  readonly phase: 'data' | 'artifacts';
  readonly name?: string;
  readonly count: number;
  readonly bytes: number;
}

const showMoved =
  (progress: Progress, doing: string) =>
  ({ phase, name, count, bytes }: Moved): void =>
    progress.update(
      phase === 'data'
        ? `${doing} ${count} entries`
        : `${doing} ${count} artifacts, ${formatBytes(bytes)}: ${name}`,
    );

const exportStore = async (
  { home, to, mode }: Args<'store export'>,
  { progress, interruption }: StoreIO,
): Promise<Result> => {
  const exporter = makeSwingStoreExporter(home, { artifactMode: mode });
  try {
    const written = await writeExportDirectory(exporter, to, {
      artifactMode: mode,
      signal: interruption(),
      onProgress: showMoved(progress, 'exported'),
    });
    const value = { to, mode, ...written };
    return { value, text: exportText(value) };
  } finally {
    await exporter.close();
  }
};

const importStore = async (
  { home, from, mode }: Args<'store import'>,
  { progress, interruption }: StoreIO,
): Promise<Result> => {
  const source = await openExportDirectory(from);
  const made = await importExportDirectory(source, home, {
    artifactMode: mode,
    signal: interruption(),
    onProgress: showMoved(progress, 'imported'),
  });
  const { blockHeight } = source.manifest;
  const value = { home, ...made, ...(blockHeight !== undefined && { blockHeight }) };
  return { value, text: importText(value) };
};

const carryOut = async (args: StoreArgs, io: StoreIO): Promise<Result> => {
  switch (args.command) {
    case 'store verify':
      return verify(args.home, io);
    case 'store repair':
      return repair(args, io);
    case 'store stats': {
      const stats = getStoreStats(args.home);
      return { value: stats, text: statsText(stats) };
    }
    case 'store compact':
      return compact(args, io);
    case 'store copy':
      return copy(args, io);
    case 'store export':
      return exportStore(args, io);
    case 'store import':
      return importStore(args, io);
    default:
      return args satisfies never;
  }
};

export const runStoreCommand = async (args: StoreArgs, io: StoreIO): Promise<void> => {
  let result: Result;
  try {
    result = await carryOut(args, io);
  } finally {
    io.progress.end();
  }
  io.print(args.json ? JSON.stringify(result.value, null, 2) : result.text);
  if (result.ok === false) io.fail();
};
