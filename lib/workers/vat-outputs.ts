/**
 * Where consoles and test logs of vats go: slog and the host's console. A replay repeats what was
 * said before, so its console lines go nowhere.
 */
import type { VatID } from '../types/ids.js';
import type { SlogSender } from '../types/slog.js';
import type { WorkerOutput } from './types.js';

export interface VatOutputs {
  /** @param most - characters that the vat may say in one delivery; the rest is left out */
  of(vatID: VatID, most: number): WorkerOutput;
  /** The vat may say as much again. */
  beginDelivery(vatID: VatID): void;
  duringReplay<T>(vatID: VatID, run: () => Promise<T>): Promise<T>;
}

export interface OutputSinks {
  readonly slog: SlogSender;
  readonly console: Pick<Console, 'log' | 'warn' | 'error'>;
  readonly testLog?: (line: string, vatID: VatID) => void;
}

type PrinterName = keyof OutputSinks['console'];

const printerOf = (level: string): PrinterName =>
  level === 'error' || level === 'warn' ? level : 'log';

/** What is no text costs as much as a short one: it is printed only in part. */
const sizeOf = (args: readonly unknown[]): number =>
  args.reduce<number>((sum, arg) => sum + (typeof arg === 'string' ? arg.length : 100), 0);

/** Workers have a short name for liveslots; the slog spells it out. */
const sourceName = (source: string): string => (source === 'ls' ? 'liveslots' : source);

export const makeVatOutputs = ({ slog, console, testLog }: OutputSinks): VatOutputs => {
  const replaying = new Set<VatID>();
  const said = new Map<VatID, number>();
  /** Local to this machine: a worker that ran ahead, or a try that failed, may have said some of it. */
  const mayStillSay = (vatID: VatID, args: readonly unknown[], most: number): boolean => {
    const before = said.get(vatID) ?? 0;
    const after = before + sizeOf(args);
    said.set(vatID, after);
    if (after > most && before <= most) {
      console.warn(
        `${vatID} said more than ${most} characters in one delivery; the rest is left out`,
      );
    }
    return after <= most;
  };
  return {
    beginDelivery: vatID => void said.delete(vatID),
    of: (vatID, most) => ({
      console: (source, level, args) => {
        if (replaying.has(vatID) || !mayStillSay(vatID, args, most)) return;
        slog({ type: 'console', source: sourceName(source), vatID, level, args });
        console[printerOf(level)](...args);
      },
      testLog: args => {
        if (!replaying.has(vatID) && !mayStillSay(vatID, args, most)) return;
        testLog?.(args.join(''), vatID);
      },
    }),
    duringReplay: async (vatID, run) => {
      replaying.add(vatID);
      try {
        return await run();
      } finally {
        replaying.delete(vatID);
      }
    },
  };
};
