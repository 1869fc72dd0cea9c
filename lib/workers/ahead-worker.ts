/**
 * A worker that runs ahead of its vat's turn: what it does is noted; when the turn comes, the notes
 * are played to the kernel, and from there on the worker goes on as any other.
 *
 * Invariants
 * 1. The kernel can't tell it from a worker that does these things in its turn: lines for logs and
 *    consoles are held back until then and told in their places.
 * 2. Where the vat would be given another delivery, or another answer to a syscall, than it was
 *    ahead, the delivery fails with `RanAheadError`, and nothing of the notes counts.
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

/** Things have changed since the worker ran ahead. Undo the crank, and run the vat in its turn. */
export class RanAheadError extends SwingsetError {
  readonly code = 'RAN_AHEAD';
  constructor(readonly vatID: VatID) {
    super(`what ${vatID} did ahead of its turn is not what it would do now`);
  }
}

type Note =
  | { readonly type: 'line'; readonly tell: () => void }
  | { readonly type: 'delivery'; readonly delivery: VatDelivery }
  /** `answer`: what the syscall was answered, as `digest` has it. */
  | { readonly type: 'syscall'; readonly s: VatSyscall; readonly answer: string }
  | { readonly type: 'result'; readonly result: VatDeliveryResult };

/** Longer answers are not kept: they may be whole bundles. */
const KEPT_LENGTH = 200;

const digest = (answer: VatSyscallResult): string => {
  const text = JSON.stringify(answer);
  return text.length <= KEPT_LENGTH ? text : createHash('sha256').update(text).digest('hex');
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Sinks that hand each line to `say` instead of telling it. */
const deferSinks = (
  { slog, console, testLog }: OutputSinks,
  say: (tell: () => void) => void,
): OutputSinks => ({
  slog: entry => say(() => slog(entry)),
  console: {
    log: (...args) => say(() => console.log(...args)),
    warn: (...args) => say(() => console.warn(...args)),
    error: (...args) => say(() => console.error(...args)),
  },
  ...(testLog && { testLog: (line, vatID) => say(() => testLog(line, vatID)) }),
});

export interface StartedAhead {
  /** For whoever runs ahead. */
  readonly worker: Worker;
  /** The worker for the vat's turn; to be called when it has come, once. */
  readonly play: () => Worker;
}

/**
 * @param sinks - where the worker's lines go when it is the vat's turn
 * @param start - starts it; whatever is said meanwhile has to go to the sinks that it gets
 */
export const startAhead = async (
  vatID: VatID,
  sinks: OutputSinks,
  start: (sinks: OutputSinks) => Promise<Worker>,
): Promise<StartedAhead> => {
  const notes: Note[] = [];
  /** How many of the notes were played; undefined before the turn. */
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
