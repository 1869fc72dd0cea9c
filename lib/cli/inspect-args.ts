/** The command `inspect`. */
import type { Command } from 'commander';
import { addCommand, whenParsed } from './command.js';
import type { CommonArgs } from './command.js';
import { inspectPage } from './help/inspect-page.js';
import { parsePort } from './solo-args.js';

export interface InspectArgs extends CommonArgs {
  readonly command: 'inspect';
  readonly port: number;
  readonly slog: string | undefined;
}

interface InspectValues {
  readonly port?: number;
  readonly slog?: string;
}

export const addInspectCommand = (program: Command, found: (args: InspectArgs) => void): void => {
  const inspect = addCommand(program, 'inspect', inspectPage)
    .option('--port <port>', 'port on 127.0.0.1 and ::1 (default: a free one)', parsePort)
    .option('--slog <file>', 'what run --slog or start --slog writes, for plots of time');
  whenParsed<InspectValues>(inspect, (common, { port = 0, slog }) =>
    found({ command: 'inspect', ...common, port, slog }),
  );
};
