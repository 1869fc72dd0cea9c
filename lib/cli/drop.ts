/**
 * `swingset-kernel drop`: shows one event of a queue, and drops it once its text is saved.
 *
 * Invariant: the event that is dropped is the one that the file holds. The kernel compares them.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SwingsetError } from '../errors.js';
import { describeEvent } from '../host/event-detail.js';
import { findVat } from '../host/find-vat.js';
import { lookAtStore } from '../host/look-at-store.js';
import type { Operator } from '../host/operator-actions/types.js';
import { eventsAt } from '../kernel/cranks/drop-event.js';
import { writeParameters } from '../kernel/facets/parameter-notation.js';
import { printable } from '../printable.js';
import type { RunQueueEvent } from '../state/events.js';
import { KernelState } from '../state/kernel-state.js';
import type { VatID } from '../types/ids.js';
import type { DropArgs } from './action-args.js';
import type { RunIO } from './run.js';
import { formatTable } from './table.js';

/** The queue has no event at the position. */
class NoEventError extends SwingsetError {
  readonly code = 'NO_EVENT';
}

interface FoundEvent {
  readonly vatID: VatID | undefined;
  /** 1 is the first. */
  readonly position: number;
  /** How many events the queue has. */
  readonly of: number;
  /** Of the last commit. */
  readonly crankNumber: number;
  readonly event: RunQueueEvent;
}

const queueName = (vatID: VatID | undefined): string =>
  vatID === undefined ? 'the run-queue' : `what waits for ${vatID}`;

const findEvent = ({ home, vat, position }: DropArgs): Promise<FoundEvent> =>
  lookAtStore(home, ({ kernelStorage }) => {
    const state = new KernelState(kernelStorage);
    const vatID = vat === undefined ? undefined : findVat(state, vat);
    const events = eventsAt(state, vatID);
    const event = events[position - 1];
    const found = { vatID, position, of: events.length, crankNumber: state.crankNumber };
    if (event) return { ...found, event };
    throw new NoEventError(
      `there is no event ${position} in ${queueName(vatID)}: it has ${events.length}`,
    );
  });

/** What a person can read of an event: who gets it, and a message's method and arguments. */
const readable = (event: RunQueueEvent) => ({
  ...describeEvent(event),
  // The method and its arguments, `[method, args]`.
  ...(event.type === 'send' && { methargs: writeParameters(event.msg.methargs) }),
});

const textOf = (found: FoundEvent) => {
  const { event, ...where } = found;
  return `${JSON.stringify({ ...where, event, readable: readable(event) }, null, 2)}\n`;
};

/** Longer values are in the file. */
const SHOWN = 200;

const shorten = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

const describe = (found: FoundEvent): string => {
  const { vatID, position, of, event } = found;
  const rows = Object.entries(readable(event)).map(([field, value]) => [
    field,
    shorten(typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
  const head = `event ${position} of ${of} in ${queueName(vatID)}`;
  return [head, '', formatTable(['field', 'value'], rows)].join('\n');
};

const pathFor = ({ home, save }: DropArgs, { vatID, position, crankNumber }: FoundEvent): string =>
  save ?? join(home, 'dropped', `${crankNumber}-${vatID ?? 'run-queue'}-${position}.json`);

/** Replaces no file. Messages may hold secrets. */
const saveText = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: 'wx', mode: 0o600, flush: true });
};

const dropFound = async (operator: Operator, args: DropArgs) => {
  const found = await findEvent(args);
  const { vatID, position, event } = found;
  const path = pathFor(args, found);
  saveText(path, textOf(found));
  try {
    await operator.perform({
      action: 'drop',
      ...(vatID && { vatID }),
      index: position - 1,
      event,
    });
  } catch (error) {
    // It was not dropped.
    rmSync(path, { force: true });
    throw error;
  }
  return { found, path };
};

const report = (
  found: FoundEvent,
  { json }: DropArgs,
  { print }: RunIO,
  dropped: { readonly dropped: boolean; readonly savedTo?: string },
  line: string,
): void => {
  const { event, ...where } = found;
  const value = { ...dropped, ...where, event, readable: readable(event) };
  print(json ? JSON.stringify(value, null, 2) : `${describe(found)}\n\n${line}`);
};

/** @param withOperator - opens the server or the store for the time of the work */
export const dropCommand = async (
  args: DropArgs,
  io: RunIO,
  withOperator: <T>(work: (operator: Operator) => Promise<T>) => Promise<T>,
): Promise<void> => {
  if (!args.yes) {
    report(
      await findEvent(args),
      args,
      io,
      { dropped: false },
      'not dropped: add --yes to drop it',
    );
    io.fail();
    return;
  }
  const { found, path } = await withOperator(operator => dropFound(operator, args));
  report(found, args, io, { dropped: true, savedTo: path }, `dropped; saved to ${printable(path)}`);
};
