/** `verboseDebugMode`: prints each delivery and syscall of the structured log as a line. */
import type { SlogEntry, SlogSender } from '../types/slog.js';
import { makeSafeListener } from './outlets.js';
import type { SwingsetRuntimeOptions } from './option-types.js';

const MAX_LINE = 300;

const shorten = (value: unknown): string => {
  const text = JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'bigint' ? `${inner}` : inner,
  );
  return text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
};

const describe = (entry: SlogEntry): string | undefined => {
  const { type, vatID, kd, dr, ksc, vsc } = entry as SlogEntry & { readonly vatID?: string };
  switch (type) {
    case 'deliver':
      return `-> ${vatID} ${shorten(kd)}`;
    case 'deliver-result':
      return `<- ${vatID} ${shorten(dr)}`;
    case 'syscall':
      return `   ${vatID} ${shorten(ksc ?? vsc)}`;
    default:
      return undefined;
  }
};

export interface VerboseConsole {
  /** Gets the entries of the structured log. */
  readonly listener: SlogSender;
  /** False: nobody would read an entry now. */
  readonly isListening: () => boolean;
  readonly set: (on: boolean) => void;
}

/** @param callbacks - Another listener, which can't fail. */
export const makeVerboseConsole = (
  { slogSender, verbose = false, debugPrefix = '' }: SwingsetRuntimeOptions,
  callbacks: SlogSender | undefined,
  log: Pick<Console, 'log' | 'warn'>,
): VerboseConsole => {
  let printing = verbose;
  const send = slogSender && makeSafeListener('slogSender', slogSender, log);
  const isRead = slogSender !== undefined || callbacks !== undefined;
  return {
    listener: entry => {
      send?.(entry);
      callbacks?.(entry);
      const line = printing ? describe(entry) : undefined;
      if (line !== undefined) log.log(`${debugPrefix}${line}`);
    },
    isListening: () => isRead || printing,
    set: on => {
      printing = on;
    },
  };
};
