/** `--slog <file>` of `run` and `start`, and how the file is rotated. */
import type { Command } from 'commander';
import { printable } from '../printable.js';
import { errorText } from '../errors.js';
import { makeSlogFile, type SlogFile, type SlogFileOptions } from '../telemetry/slog-file.js';
import { wholeNumberUpTo } from './command.js';

export interface SlogArgs extends Pick<SlogFileOptions, 'maxBytes' | 'keep' | 'gzip'> {
  readonly file: string;
}

interface SlogValues {
  readonly slog?: string;
  readonly slogMaxBytes?: number;
  readonly slogKeep?: number;
  readonly slogGzip?: true;
}

const GROUP = 'Structured log:';

export const addSlogOptions = (command: Command): Command => {
  const option = (flags: string, description: string, parse?: (text: string) => number) => {
    const made = command.createOption(flags, description).helpGroup(GROUP);
    command.addOption(parse ? made.argParser(parse) : made);
  };
  option('--slog <file>', 'append the structured log, one JSON object a line');
  option(
    '--slog-max-bytes <n>',
    'begin a new file before <file> gets longer; full ones become <file>.1, <file>.2, …',
    wholeNumberUpTo(Number.MAX_SAFE_INTEGER),
  );
  option(
    '--slog-keep <n>',
    'how many full files are kept (default: 5)',
    wholeNumberUpTo(1_000_000),
  );
  option('--slog-gzip', 'compress full files');
  return command;
};

/** Undefined without `--slog`. Ends the command if only the other options are given. */
export const readSlogArgs = (command: Command): SlogArgs | undefined => {
  const { slog: file, slogMaxBytes, slogKeep, slogGzip } = command.opts<SlogValues>();
  const rotation = {
    ...(slogMaxBytes !== undefined && { maxBytes: slogMaxBytes }),
    ...(slogKeep !== undefined && { keep: slogKeep }),
    ...(slogGzip && { gzip: slogGzip }),
  };
  if (file === undefined) {
    if (Object.keys(rotation).length === 0) return undefined;
    return command.error('--slog-max-bytes, --slog-keep and --slog-gzip need --slog <file>');
  }
  if (slogMaxBytes === undefined && Object.keys(rotation).length > 0) {
    return command.error('--slog-keep and --slog-gzip need --slog-max-bytes <n>');
  }
  return { file, ...rotation };
};

/** A file whose first error is a warning of the command. */
export const openSlogFile = (
  args: SlogArgs | undefined,
  warn: (text: string) => void,
): SlogFile | undefined => {
  if (!args) return undefined;
  const { file, ...rotation } = args;
  const onError = (error: unknown): void =>
    warn(printable(`the slog can't be written to ${file}: ${errorText(error)}`));
  return makeSlogFile(file, { ...rotation, onError });
};
