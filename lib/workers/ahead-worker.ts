/**
 * A worker that runs ahead of its vat's turn. Its deliveries and syscalls are recorded. When the
 * turn comes, the recording is played to the kernel; after that, the worker continues like any
 * other.
 *
 * Invariants:
 * 1. The kernel can't tell it from a worker that runs in its turn. Log and console lines are held
 *    back until the turn and then printed in order.
 * 2. If the vat's turn brings another delivery, or another answer to a syscall, the delivery fails
 *    with `RanAheadError` and the recording is discarded.
 */
import { createHash } from 'node:crypto';
import { SwingsetError } from '../errors.js';
import type { VatID } from '../types/ids.js';
import type {
  VatDelivery,
  VatDeliveryResult,
  VatSyscall,
  VatSyscallHandler,
  VatSyscallResult,
} from '../types/messages.js';
import type { Worker } from './types.js';
import type { OutputSinks } from './vat-outputs.js';

/** State changed after the worker ran ahead. Roll the crank back and run the vat in its turn. */
export class RanAheadError extends SwingsetError {
  readonly code = 'RAN_AHEAD';
  constructor(readonly vatID: VatID) {
    super(`the recording of ${vatID}, which ran ahead of its turn, no longer matches its inputs`);
  }
}

type Note =
  | { readonly type: 'line'; readonly tell: () => void }
  | { readonly type: 'delivery'; readonly delivery: VatDelivery }
  /** `answer`: the syscall's result, in the form that `digest` returns. */
  | { readonly type: 'syscall'; readonly s: VatSyscall; readonly answer: string }
  | { readonly type: 'result'; readonly result: VatDeliveryResult };

/** Longer answers are kept as hashes: they may be whole bundles. */
const KEPT_LENGTH = 200;

const digest = (answer: VatSyscallResult): string => {
  const text = JSON.stringify(answer);
  return text.length <= KEPT_LENGTH ? text : createHash('sha256').update(text).digest('hex');
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Sinks that pass each line to `say` instead of printing it. */
const deferSinks = (
  { slog, console, printLine, testLog }: OutputSinks,
  say: (tell: () => void) => void,
): OutputSinks => ({
  slog: entry => say(() => slog(entry)),
  console: {
    log: (...args) => say(() => console.log(...args)),
    warn: (...args) => say(() => console.warn(...args)),
    error: (...args) => say(() => console.error(...args)),
  },
  ...(printLine && { printLine: (...args) => say(() => printLine(...args)) }),
  ...(testLog && { testLog: (line, vatID) => say(() => testLog(line, vatID)) }),
});

export interface StartedAhead {
  /** For the run ahead. */
  readonly worker: Worker;
  /** Returns the worker for the vat's turn. Call it once, when the turn has come. */
  readonly play: () => Worker;
}

/**
 * @param sinks - receive the worker's lines when the vat's turn comes
 * @param start - starts the worker, whose output must go to the sinks that `start` gets
 */
export const startAhead = async (
  vatID: VatID,
  sinks: OutputSinks,
  start: (sinks: OutputSinks) => Promise<Worker>,
): Promise<StartedAhead> => {
  const notes: Note[] = [];
  /** Number of notes played; undefined before the vat's turn. */
  let played: number | undefined;

  const say = (tell: () => void): void => {
    if (played === notes.length) tell();
    else notes.push({ type: 'line', tell });
  };
  const tellLines = (): void => {
    for (let note = notes[played ?? 0]; note?.type === 'line'; note = notes[played ?? 0]) {
      note.tell();
      played = (played ?? 0) + 1;
    }
  };
  const nextNote = (): Note => {
    tellLines();
    const note = notes[played ?? 0];
    if (!note) throw new RanAheadError(vatID);
    played = (played ?? 0) + 1;
    return note;
  };

  const worker = await start(deferSinks(sinks, say));

  const playDelivery = (
    delivery: VatDelivery,
    handleSyscall: VatSyscallHandler,
  ): VatDeliveryResult => {
    const first = nextNote();
    if (first.type !== 'delivery' || !same(first.delivery, delivery)) {
      throw new RanAheadError(vatID);
    }
    for (;;) {
      const note = nextNote();
      if (note.type === 'result') {
        tellLines();
        return note.result;
      }
      if (note.type !== 'syscall' || digest(handleSyscall(note.s)) !== note.answer) {
        throw new RanAheadError(vatID);
      }
    }
  };

  return {
    worker: {
      ...worker,
      deliver: async (delivery, handleSyscall) => {
        notes.push({ type: 'delivery', delivery });
        const result = await worker.deliver(delivery, s => {
          const r = handleSyscall(s);
          notes.push({ type: 'syscall', s, answer: digest(r) });
          return r;
        });
        notes.push({ type: 'result', result });
        return result;
      },
    },
    play: () => {
      played = 0;
      tellLines();
      return {
        ...worker,
        deliver: async (delivery, handleSyscall) =>
          played === notes.length
            ? worker.deliver(delivery, handleSyscall)
            : playDelivery(delivery, handleSyscall),
      };
    },
  };
};
