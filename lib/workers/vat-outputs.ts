/**
 * Where consoles and test logs of vats go: slog and the host's console. A replay repeats what was
 * said before, so its console lines go nowhere.
 */
import type { VatID } from '../types/ids.js';
import type { SlogSender } from '../types/slog.js';
import type { WorkerOutput } from './types.js';

export interface VatOutputs {
  of(vatID: VatID): WorkerOutput;
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

/** Workers have a short name for liveslots; the slog spells it out. */
const sourceName = (source: string): string => (source === 'ls' ? 'liveslots' : source);

export const makeVatOutputs = ({ slog, console, testLog }: OutputSinks): VatOutputs => {
  const replaying = new Set<VatID>();
  return {
    of: vatID => ({
      console: (source, level, args) => {
        if (replaying.has(vatID)) return;
        slog({ type: 'console', source: sourceName(source), vatID, level, args });
        console[printerOf(level)](...args);
      },
      testLog: args => {
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
