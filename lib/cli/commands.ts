/** What each command does. Prints through `io`, and leaves errors to the caller. */
import { isActionCommand } from './action-args.js';
import { runActionCommand } from './action-commands.js';
import type { CliArgs } from './args.js';
import { isChainCommand, runChainCommand } from './chain/chain-commands.js';
import type { ChainIO } from './chain/chain-commands.js';
import { epochImagesCommand } from './epoch-images.js';
import { initCommand } from './init-command.js';
import { inspectCommand } from './inspect-command.js';
import { bigintsAsText } from '../json-text.js';
import { isLookCommand, runLookCommand } from './look/look-commands.js';
import { paramsCommand } from './params.js';
import { readSummary } from './read-summary.js';
import { rehearseCommand } from './rehearse.js';
import { epochTable, rollingLines, vatTable } from './reports.js';
import { outOfServiceLines, queueLine } from './service-report.js';
import { runCommand } from './run.js';
import type { RunIO } from './run.js';
import { runSoloCommand } from './solo-commands.js';
import { runStoreCommand } from './store-commands.js';

export interface CliIO extends RunIO, ChainIO {
  /** Width of the terminal, in cells. Undefined if stdout is none. */
  readonly columns?: number | undefined;
}

const statusCommand = async (home: string, json: boolean, { print }: CliIO): Promise<void> => {
  const summary = await readSummary(home);
  if (json) {
    print(JSON.stringify(summary, bigintsAsText, 2));
    return;
  }
  const last = summary.ledger.at(-1);
  print(queueLine(summary));
  print(`activityhash ${summary.activityhash}`);
  print(last ? `platform epoch ${last.epoch} (${last.status})` : 'no platform epoch');
  for (const line of rollingLines(summary)) print(line);
  print(['', vatTable(summary), ...outOfServiceLines(summary)].join('\n'));
};

const epochsCommand = async (home: string, json: boolean, { print }: CliIO): Promise<void> => {
  const { ledger } = await readSummary(home);
  print(json ? JSON.stringify(ledger, null, 2) : epochTable(ledger));
};

export const runCommandLine = async (args: CliArgs, io: CliIO): Promise<void> => {
  if (isActionCommand(args)) return runActionCommand(args, io);
  switch (args.command) {
    case 'init':
      return initCommand(args, io);
    case 'run':
      return runCommand(args, io);
    case 'status':
      return statusCommand(args.home, args.json, io);
    case 'epochs':
      return epochsCommand(args.home, args.json, io);
    case 'params':
      return paramsCommand(args, io);
    case 'epoch images':
      return epochImagesCommand(args, io);
    case 'rehearse':
      return rehearseCommand(args, io);
    case 'inspect':
      return inspectCommand(args, io);
    case 'print':
      return io.print(args.text);
    case 'start':
    case 'send':
    case 'result':
      return runSoloCommand(args, io);
    default:
      if (isLookCommand(args)) return runLookCommand(args, io);
      return isChainCommand(args) ? runChainCommand(args, io) : runStoreCommand(args, io);
  }
};
