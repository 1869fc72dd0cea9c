/**
 * Routes consoles and test logs of vats to the slog and the host's console. Console lines of a
 * replay are dropped, because they were printed before.
 */
import type { VatID } from '../types/ids.js';
import type { SlogSender } from '../types/slog.js';
import type { WorkerOutput } from './types.js';

export interface VatOutputs {
  /** @param most - characters that the vat may print in one delivery; the rest is dropped */
  of(vatID: VatID, most: number): WorkerOutput;
  /** Resets the vat's count of printed characters. */
  beginDelivery(vatID: VatID): void;
  duringReplay<T>(vatID: VatID, run: () => Promise<T>): Promise<T>;
}

export interface OutputSinks {
  readonly slog: SlogSender;
  readonly console: Pick<Console, 'log' | 'warn' | 'error'>;
  /** Prints a vat's line. Default: on `console`. */
  readonly printLine?: PrintVatLine;
  readonly testLog?: (line: string, vatID: VatID) => void;
}

/** @param source - `vat`, `liveslots` or `xsnap` */
export type PrintVatLine = (
  vatID: VatID,
  source: string,
  level: string,
  args: readonly unknown[],
) => void;

/** Printers take their arguments on the stack, which has room for some ten thousands. */
const MOST_ARGS = 1000;

const withoutExcess = (args: readonly unknown[]): readonly unknown[] =>
  args.length <= MOST_ARGS
    ? args
    : [...args.slice(0, MOST_ARGS), `and ${args.length - MOST_ARGS} more`];

type PrinterName = keyof OutputSinks['console'];

const printerOf = (level: string): PrinterName =>
  level === 'error' || level === 'warn' ? level : 'log';

/** Values other than strings count 100 characters, because only a part of them is printed. */
const sizeOf = (args: readonly unknown[]): number =>
  args.reduce<number>((sum, arg) => sum + (typeof arg === 'string' ? arg.length : 100), 0);

/** Workers abbreviate liveslots as `ls`. */
const sourceName = (source: string): string => (source === 'ls' ? 'liveslots' : source);

export const makeVatOutputs = ({
  slog,
  console,
  printLine = (_vatID, _source, level, args) => console[printerOf(level)](...args),
  testLog,
}: OutputSinks): VatOutputs => {
  const replaying = new Set<VatID>();
  const amounts = new Map<VatID, number>();
  /** Local to this machine: a run ahead or a failed attempt may have used some of the allowance. */
  const mayStillSay = (vatID: VatID, args: readonly unknown[], most: number): boolean => {
    const before = amounts.get(vatID) ?? 0;
    const after = before + sizeOf(args);
    amounts.set(vatID, after);
    if (after > most && before <= most) {
      console.warn(
        `${vatID} printed more than ${most} characters in one delivery; the rest is dropped`,
      );
    }
    return after <= most;
  };
  return {
    beginDelivery: vatID => void amounts.delete(vatID),
    of: (vatID, most) => ({
      console: (source, level, said) => {
        const args = withoutExcess(said);
        if (replaying.has(vatID) || !mayStillSay(vatID, args, most)) return;
        slog({ type: 'console', source: sourceName(source), vatID, level, args });
        printLine(vatID, sourceName(source), level, args);
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
