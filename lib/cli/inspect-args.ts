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
  readonly allowActions: boolean;
}

interface InspectValues {
  readonly port?: number;
  readonly slog?: string;
  readonly allowActions?: true;
}

export const addInspectCommand = (program: Command, found: (args: InspectArgs) => void): void => {
  const inspect = addCommand(program, 'inspect', inspectPage)
    .option('--port <port>', 'port on 127.0.0.1 and ::1 (default: a free one)', parsePort)
    .option('--slog <file>', 'what run --slog or start --slog writes, for plots of time')
    .option(
      '--allow-actions',
      'let the page change vats, through the server that runs on the home',
    );
  whenParsed<InspectValues>(inspect, (common, { port = 0, slog, allowActions = false }) =>
    found({ command: 'inspect', ...common, port, slog, allowActions }),
  );
};
