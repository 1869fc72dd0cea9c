/** Chooses among the commands that look at a swingset. */
import type { LookArgs } from './look-args.js';
import type { LookIO } from './look-io.js';
import { bundleListCommand } from './bundle-list.js';
import { epochPlanCommand } from './epoch-plan.js';
import { kernelDumpCommand } from './kernel-dump.js';
import { platformCommand } from './platform.js';
import { replayCommand } from './replay.js';
import { slogCommand } from './slog.js';
import { vatCommand } from './vat.js';
import { vatsCommand } from './vats.js';

const COMMANDS: ReadonlySet<string> = new Set<LookArgs['command']>([
  ...(['vats', 'vat', 'epoch plan', 'replay', 'platform', 'kernel-dump', 'bundle list'] as const),
  ...(['slog summary', 'slog timeline', 'slog diff'] as const),
]);

export const isLookCommand = (args: { readonly command: string }): args is LookArgs =>
  COMMANDS.has(args.command);

export const runLookCommand = (args: LookArgs, io: LookIO): Promise<void> => {
  switch (args.command) {
    case 'vats':
      return vatsCommand(args, io);
    case 'vat':
      return vatCommand(args, io);
    case 'epoch plan':
      return epochPlanCommand(args, io);
    case 'replay':
      return replayCommand(args, io);
    case 'platform':
      return platformCommand(args, io);
    case 'kernel-dump':
      return kernelDumpCommand(args, io);
    case 'bundle list':
      return bundleListCommand(args, io);
    case 'slog summary':
    case 'slog timeline':
    case 'slog diff':
      return slogCommand(args, io);
    default:
      return args satisfies never;
  }
};
