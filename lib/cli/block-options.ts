/** How long a block is, for the commands that run blocks: `start` and `drain`. */
import { Option } from 'commander';
import { wholeNumberUpTo } from './command.js';

/** The value is undefined without it: the block's policy knows the default. */
export const blockComputronsOption = (): Option =>
  new Option(
    '--block-computrons <n>',
    'computrons that the cranks of a block may use (default: 65,000,000)',
  ).argParser(wholeNumberUpTo(Number.MAX_SAFE_INTEGER));
