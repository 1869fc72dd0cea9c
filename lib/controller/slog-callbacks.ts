/**
 * Calls the hooks of `slogCallbacks` for entries of the structured log. Hosts measure startups and
 * deliveries with them: a hook gets the function that ends the event, and returns one of its own
 * around it. Source: SwingSet's `slogger.js`.
 *
 * Invariant: a hook that throws or rejects harms neither the kernel nor a vat, and warns once
 * (issue 10).
 */
import type { VatID } from '../types/ids.js';
import type { PrintVatLine } from '../workers/vat-outputs.js';
import type { SlogEntry, SlogSender } from '../types/slog.js';
import { attempt, makeSafeConsole, makeWarnOnce } from './outlets.js';
import type { HostConsole } from './outlets.js';
import type { SlogCallbacks } from './slog-callback-types.js';

type Method = keyof SlogCallbacks;
type End = (...results: unknown[]) => unknown;

const nothing: End = () => undefined;

interface HookCall {
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** SwingSet counts cranks and deliveries with bigints. */
const big = (count: unknown): bigint => BigInt(count as number);

/** The call for an entry that stands for itself or begins something. */
const callFor = (entry: SlogEntry): HookCall | undefined => {
  const { vatID } = entry;
  switch (entry.type) {
    case 'create-vat': {
      const { dynamic, description, name, managerType } = entry;
      const args = [vatID, dynamic, description, name, undefined, managerType];
      return { method: 'provideVatSlogger', args };
    }
    case 'vat-startup-start':
      return { method: 'startup', args: [vatID] };
    case 'deliver': {
      const { crankNum, deliveryNum, kd, vd, replay } = entry;
      return { method: 'delivery', args: [vatID, big(crankNum), big(deliveryNum), kd, vd, replay] };
    }
    case 'syscall':
      return { method: 'syscall', args: [vatID, entry['ksc'], entry['vsc']] };
    case 'clist': {
      const { crankNum, mode, kobj, vobj } = entry;
      return { method: 'changeCList', args: [vatID, big(crankNum), mode, kobj, vobj] };
    }
    case 'terminate':
      return { method: 'terminateVat', args: [vatID, entry['shouldReject'], entry['info']] };
    default:
      return undefined;
  }
};

/** What an entry ends, and with which results. */
const endFor = (entry: SlogEntry): HookCall | undefined => {
  switch (entry.type) {
    case 'vat-startup-finish':
      return { method: 'startup', args: [] };
    case 'deliver-result':
      return { method: 'delivery', args: [entry['dr']] };
    case 'syscall-result':
      return { method: 'syscall', args: [entry['ksr'], entry['vsr']] };
    default:
      return undefined;
  }
};

/** What SwingSet's methods return: a function that ends the event, or a result. */
const resultOf = (method: Method): unknown => {
  switch (method) {
    case 'startup':
    case 'delivery':
    case 'syscall':
      return nothing;
    case 'provideVatSlogger':
      return harden({ vatSlog: {}, starting: true });
    default:
      return undefined;
  }
};

export interface CallbackListener {
  readonly listener: SlogSender;
  /** Undefined without a hook for consoles. */
  readonly printLine: PrintVatLine | undefined;
}

const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const;

type Level = (typeof LEVELS)[number];

const levelOf = (level: string): Level => LEVELS.find(known => known === level) ?? 'log';

/** The methods of a vat's console take the source before what the vat prints. */
type VatConsole = Record<Level, (source: string, ...args: unknown[]) => void>;

const makeVatConsole = (log: HostConsole): VatConsole =>
  harden(
    Object.fromEntries(
      LEVELS.map(level => [level, (_source: string, ...args: unknown[]) => log[level](...args)]),
    ) as VatConsole,
  );

export const makeCallbackListener = (
  callbacks: SlogCallbacks,
  log: HostConsole,
): CallbackListener => {
  const warnOnce = makeWarnOnce(log);
  /** By method and vat: the hook's function for the end of what has begun. */
  const ends = new Map<string, End>();
  const consoles = new Map<VatID, VatConsole>();

  /** The hook's answer; undefined if it throws. */
  const call = (method: Method, args: readonly unknown[], result: unknown): unknown =>
    attempt(
      () => callbacks[method]?.(method, args, result),
      error => warnOnce(`slogCallbacks.${method}`, error),
    );

  const begin = (key: string, { method, args }: HookCall): void => {
    const result = resultOf(method);
    const answer = call(method, args, result);
    if (result === nothing && typeof answer === 'function') ends.set(key, answer as End);
  };

  const finish = (key: string, { method, args }: HookCall): void => {
    const end = ends.get(key);
    ends.delete(key);
    attempt(
      () => end?.(...args),
      error => warnOnce(`the function that slogCallbacks.${method} returned`, error),
    );
  };

  const chooseConsole = (vatID: VatID): VatConsole => {
    const own = makeVatConsole(log);
    const given = call('vatConsole', [vatID, own], own);
    const isConsole = given !== own && typeof given === 'object' && given !== null;
    // What it prints goes through the host's console, so it must be as harmless as that.
    return isConsole ? makeSafeConsole(given as HostConsole) : own;
  };

  const printLine: PrintVatLine = (vatID, source, level, args) => {
    const console = consoles.get(vatID) ?? chooseConsole(vatID);
    consoles.set(vatID, console);
    console[levelOf(level)](source, ...args);
  };

  return {
    listener: entry => {
      const keyOf = ({ method }: HookCall) => `${method} ${String(entry['vatID'])}`;
      const begun = callFor(entry);
      if (begun && callbacks[begun.method]) begin(keyOf(begun), begun);
      const ended = endFor(entry);
      if (ended) finish(keyOf(ended), ended);
    },
    printLine: callbacks.vatConsole && printLine,
  };
};
