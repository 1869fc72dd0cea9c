/**
 * Turns the slog into spans: block > crank > delivery > syscall, and for a new platform epoch
 * restart > vat > crank > delivery > syscall. A chain's restart is part of a block.
 *
 * Invariants
 * 1. A span is the child of the innermost one that is open around it. The outermost has the host's
 *    active span as its parent, if there is one.
 * 2. Times are the slog's, so that spans and entries can be laid side by side.
 * 3. A span whose end never comes (a panic) ends when its parent does, with an error. There are
 *    never more open spans than levels.
 * 4. Where the host's sampler drops a delivery, its syscalls cost nothing.
 */
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import { errorText } from '../errors.js';
import type { SlogEntry } from '../types/slog.js';

/** From the outside in. */
const LEVELS = ['block', 'restart', 'vat', 'crank', 'delivery', 'syscall'] as const;
type Level = (typeof LEVELS)[number];

const depthOf = (level: Level): number => LEVELS.indexOf(level);

/** Milliseconds since 1970. Undefined, which means now, for an entry that no writer has timed. */
const timeOf = ({ time }: SlogEntry): number | undefined =>
  typeof time === 'number' ? time * 1000 : undefined;

/** Fields of an entry as attributes, under `swingset.`. */
const attributesOf = (entry: SlogEntry, fields: readonly string[]): Attributes => {
  const found: Attributes = {};
  for (const field of fields) {
    const value = entry[field];
    if (typeof value === 'number' || typeof value === 'boolean') found[`swingset.${field}`] = value;
    else if (typeof value === 'string' || typeof value === 'bigint') {
      found[`swingset.${field}`] = String(value);
    }
  }
  return found;
};

interface Open {
  readonly level: Level;
  readonly span: Span;
}

class SpanStack {
  readonly #tracer: Tracer;

  /** From the outside in; at most one of each level. */
  readonly #open: Open[] = [];

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Whether a span below `level` would be recorded. */
  isRecording(level: Level): boolean {
    const open = this.#open.find(each => each.level === level);
    return open === undefined || open.span.isRecording();
  }

  begin(level: Level, name: string, entry: SlogEntry, attributes: Attributes): void {
    const depth = depthOf(level);
    this.#abandon(each => depthOf(each.level) >= depth, entry);
    const parent = this.#open.at(-1);
    const startTime = timeOf(entry);
    const span = this.#tracer.startSpan(
      name,
      { attributes, ...(startTime !== undefined && { startTime }) },
      parent ? trace.setSpan(context.active(), parent.span) : context.active(),
    );
    this.#open.push({ level, span });
  }

  end(level: Level, entry: SlogEntry, attributes: Attributes = {}, error?: string): void {
    const at = this.#open.findIndex(each => each.level === level);
    if (at < 0) return;
    this.#abandon(each => this.#open.indexOf(each) > at, entry);
    const [{ span }] = this.#open.splice(at, 1) as [Open];
    span.setAttributes(attributes);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(timeOf(entry));
  }

  /** Ends those whose end never came. */
  #abandon(isAbandoned: (open: Open) => boolean, entry: SlogEntry): void {
    for (const open of this.#open.filter(isAbandoned).reverse()) {
      this.#open.splice(this.#open.indexOf(open), 1);
      open.span.setStatus({ code: SpanStatusCode.ERROR, message: 'its end was not seen' });
      open.span.end(timeOf(entry));
    }
  }
}

const errorIn = ({ dr }: SlogEntry): string | undefined => {
  const [status, problem] = (Array.isArray(dr) ? dr : []) as readonly unknown[];
  return status === 'error' ? String(problem) : undefined;
};

const computronsIn = ({ dr }: SlogEntry): Attributes => {
  const usage = (Array.isArray(dr) ? (dr[2] as unknown) : undefined) as
    { readonly compute?: unknown } | null | undefined;
  return typeof usage?.compute === 'number' ? { 'swingset.computrons': usage.compute } : {};
};

/** @returns a listener, which throws what the tracer throws */
export const makeSlogSpans = (tracer: Tracer): ((entry: SlogEntry) => void) => {
  const stack = new SpanStack(tracer);
  /** Vats of the restart under way that have not had their turn. */
  let turnsLeft = 0;
  const beginTurn = (entry: SlogEntry): void => {
    if (turnsLeft > 0) stack.begin('vat', 'swingset.restart_vat', entry, {});
  };
  const endTurn = (entry: SlogEntry): void => {
    const fields = ['vatID', 'name', 'result', 'sleeps', 'incarnation', 'computrons'];
    const { error } = entry;
    stack.end(
      'vat',
      entry,
      attributesOf(entry, fields),
      error === undefined ? undefined : errorText(error),
    );
    turnsLeft -= 1;
    beginTurn(entry);
  };
  return entry => {
    switch (entry.type) {
      case 'epoch-restart-start':
        stack.begin(
          'restart',
          'swingset.epoch_restart',
          entry,
          attributesOf(entry, ['epoch', 'from', 'mode', 'vats']),
        );
        turnsLeft = Number(entry.vats);
        beginTurn(entry);
        break;
      case 'epoch-restart-vat':
        endTurn(entry);
        break;
      case 'epoch-restart-finish':
        stack.end('restart', entry);
        break;
      case 'block-start':
      case 'cosmic-swingset-begin-block':
        stack.begin('block', 'swingset.block', entry, attributesOf(entry, ['blockHeight']));
        break;
      case 'block-finish':
      case 'cosmic-swingset-commit-block-finish':
        stack.end('block', entry);
        break;
      case 'crank-start':
        stack.begin(
          'crank',
          'swingset.crank',
          entry,
          attributesOf(entry, ['crankNum', 'crankType', 'messageType']),
        );
        break;
      case 'crank-finish':
        stack.end('crank', entry);
        break;
      case 'deliver':
        stack.begin(
          'delivery',
          'swingset.delivery',
          entry,
          attributesOf(entry, ['crankNum', 'vatID', 'deliveryNum', 'dispatch']),
        );
        break;
      case 'deliver-result':
        stack.end('delivery', entry, computronsIn(entry), errorIn(entry));
        break;
      case 'syscall':
        if (!stack.isRecording('delivery')) break;
        stack.begin(
          'syscall',
          'swingset.syscall',
          entry,
          attributesOf(entry, ['vatID', 'syscallNum', 'syscall']),
        );
        break;
      case 'syscall-result':
        stack.end('syscall', entry);
        break;
      default:
        break;
    }
  };
};
