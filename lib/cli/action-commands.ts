/** `suspend`, `resume`, `restart`, `upgrade`, `terminate`, `drain` and `bundle install`. */
import { bundleFile, checkForeignBundle, readBundleFile } from '../controller/bundling.js';
import { findVat } from '../host/find-vat.js';
import { lookAtStore } from '../host/look-at-store.js';
import type { DirectAction, UpgradeResult } from '../host/operator-actions/actions.js';
import { openOperator } from '../host/operator-actions/operator.js';
import type { Operator } from '../host/operator-actions/types.js';
import type { QueueReport } from '../host/operator-actions/queue-report.js';
import { summarizeSwingset } from '../host/swingset-summary.js';
import { KernelState } from '../state/kernel-state.js';
import type { Bundle } from '../store/types.js';
import { parseBundleID, type BundleID, type VatID } from '../types/ids.js';
import type {
  ActionArgs,
  BundleInstallArgs,
  DrainArgs,
  RestartVatArgs,
  ServiceArgs,
  TerminateArgs,
  UpgradeArgs,
} from './action-args.js';
import { describeDrain, describeOutcome, type ActionOutcome } from './action-reports.js';
import { dropCommand } from './drop.js';
import { bigintsAsText } from '../json-text.js';
import type { RunIO } from './run.js';

/** Connects to the server of a home or opens its store, and closes it in the end. */
const withOperator = async <T>(
  home: string,
  { interruption }: RunIO,
  work: (operator: Operator) => Promise<T>,
  blockComputrons?: number,
): Promise<T> => {
  const operator = await openOperator({ home, signal: interruption, blockComputrons });
  try {
    return await work(operator);
  } finally {
    await operator.close();
  }
};

const resolveVat = (
  home: string,
  vat: string,
): Promise<{ readonly vatID: VatID; readonly name: string | undefined }> =>
  lookAtStore(home, ({ kernelStorage }) => {
    const state = new KernelState(kernelStorage);
    const vatID = findVat(state, vat);
    return { vatID, name: state.vats.getOptions(vatID).name };
  });

/** What the store holds now of a vat that something was done to. */
const readOutcome = async (
  home: string,
  done: Pick<ActionOutcome, 'command' | 'by' | 'vatID' | 'name'>,
): Promise<ActionOutcome> =>
  lookAtStore(home, ({ kernelStorage }) => {
    const { vats, queued } = summarizeSwingset(kernelStorage);
    return { ...done, queued, vat: vats.find(({ vatID }) => vatID === done.vatID) ?? null };
  });

const show = (
  outcome: ActionOutcome,
  { json }: { readonly json: boolean },
  { print }: RunIO,
): void => print(json ? JSON.stringify(outcome, bigintsAsText, 2) : describeOutcome(outcome));

type VatActionArgs = ServiceArgs | RestartVatArgs | TerminateArgs;

const actionOf = (args: VatActionArgs, vatID: VatID): DirectAction => {
  switch (args.command) {
    case 'suspend':
    case 'resume':
      return { action: args.command, vatID };
    case 'restart': {
      const { parameters, message } = args;
      return {
        action: 'restart',
        vatID,
        ...(parameters !== undefined && { parameters }),
        ...(message !== undefined && { message }),
      };
    }
    case 'terminate':
      return {
        action: 'terminate',
        vatID,
        ...(args.reason !== undefined && { reason: args.reason }),
      };
    default:
      return args satisfies never;
  }
};

const actOnVat = async (args: VatActionArgs, io: RunIO): Promise<void> => {
  const { command, home } = args;
  const outcome = await withOperator(home, io, async operator => {
    const { vatID, name } = await resolveVat(home, args.vat);
    await operator.perform(actionOf(args, vatID));
    return readOutcome(home, { command, by: operator.place, vatID, name });
  });
  show(outcome, args, io);
};

const loadCode = async (
  {
    bundle,
    source,
  }: { readonly bundle?: string | undefined; readonly source?: string | undefined },
  { progress }: RunIO,
): Promise<Bundle> => {
  if (source === undefined) {
    const read = await readBundleFile(bundle ?? '', 'bundle');
    return (await checkForeignBundle(read, 'bundle')).bundle;
  }
  progress.update(`bundling ${source}`);
  return bundleFile(source, 'source');
};

const upgrade = async (args: UpgradeArgs, io: RunIO): Promise<void> => {
  const { command, home, parameters, message } = args;
  // Before the store is opened: a mistake in the code costs no boot.
  const code = args.bundleID === undefined ? await loadCode(args, io) : undefined;
  const outcome = await withOperator(home, io, async operator => {
    const { vatID, name } = await resolveVat(home, args.vat);
    const bundleID: BundleID = code
      ? await operator.installBundle(code)
      : parseBundleID(args.bundleID);
    const result: UpgradeResult = await operator.upgrade({
      action: 'upgrade',
      vatID,
      bundleID,
      ...(parameters !== undefined && { parameters }),
      ...(message !== undefined && { message }),
    });
    const read = await readOutcome(home, { command, by: operator.place, vatID, name });
    return { ...read, upgrade: { bundleID, ...result } };
  });
  io.progress.end();
  show(outcome, args, io);
  if (outcome.upgrade.status !== 'fulfilled') io.fail();
};

const drain = async (
  { home, json, blocks, blockComputrons }: DrainArgs,
  io: RunIO,
): Promise<void> => {
  const { print, progress, fail } = io;
  const work = async (operator: Operator) => {
    let left: QueueReport;
    let ran = 0;
    do {
      left = await operator.runBlock();
      ran += 1;
      progress.update(`${ran} blocks, ${left.queued} events queued`);
    } while (left.queued > 0 && ran < blocks);
    return { by: operator.place, blocks: ran, ...left };
  };
  const report = await withOperator(home, io, work, blockComputrons);
  progress.end();
  print(json ? JSON.stringify(report, null, 2) : describeDrain(report));
  if (report.queued > 0) fail();
};

const installBundle = async (
  { home, json, file, bundleID: alleged }: BundleInstallArgs,
  io: RunIO,
): Promise<void> => {
  const code = await loadCode({ bundle: file }, io);
  const { bundleID, by } = await withOperator(home, io, async operator => ({
    bundleID: await operator.installBundle(code, alleged),
    by: operator.place,
  }));
  io.print(json ? JSON.stringify({ by, bundleID }, null, 2) : `installed ${bundleID}`);
};

export const runActionCommand = (args: ActionArgs, io: RunIO): Promise<void> => {
  switch (args.command) {
    case 'suspend':
    case 'resume':
    case 'restart':
    case 'terminate':
      return actOnVat(args, io);
    case 'upgrade':
      return upgrade(args, io);
    case 'drain':
      return drain(args, io);
    case 'drop':
      return dropCommand(args, io, work => withOperator(args.home, io, work));
    case 'bundle install':
      return installBundle(args, io);
    default:
      return args satisfies never;
  }
};
