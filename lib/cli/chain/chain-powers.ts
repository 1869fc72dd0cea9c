/** What the `chain` commands need of their process. `main` makes it; specs make their own. */
import type { LocalOptions } from '../../host/block-host/local-options.js';
import type { BlockHost } from '../../host/block-host/types.js';

export interface HostHooks {
  readonly options: (home: string) => LocalOptions;
  readonly wrap: (host: BlockHost, home: string) => BlockHost;
}

export interface ChainPowers {
  /** Milliseconds since 1970. */
  readonly date: () => number;
  readonly delay: (ms: number) => Promise<unknown>;
  /** How to start this program again: what precedes the arguments of a command. */
  readonly self: { readonly command: string; readonly args: readonly string[] };
  /** Where to look for programs: `PATH`. */
  readonly path: string;
  /** The supervisor that started this process, if one did. */
  readonly parent:
    | {
        /** Resolves once the message is on its way, or the supervisor is gone. */
        readonly send: (message: unknown) => Promise<void>;
        /** Calls back when the supervisor is gone. */
        readonly onGone: (listener: () => void) => void;
      }
    | undefined;
  /** Specs kill the process at moments of their choice. */
  readonly hooks?: HostHooks;
}

/** The real ones. @param program - Path of the program's entry point, `process.argv[1]`. */
export const makeChainPowers = (program: string): ChainPowers => ({
  date: () => Date.now(),
  delay: ms => new Promise(resolve => void setTimeout(resolve, ms)),
  self: { command: process.execPath, args: [...process.execArgv, program] },
  path: process.env.PATH ?? '',
  parent: process.send && {
    send: message => new Promise(resolve => void process.send?.(message, () => resolve())),
    onGone: listener => void process.once('disconnect', listener),
  },
});
