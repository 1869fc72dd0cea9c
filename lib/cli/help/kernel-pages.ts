/** Help pages of the commands that boot a kernel or look at one. See `page.ts`. */
import type { HelpPage } from './page.js';

export const programPage: HelpPage = {
  summary: 'run SwingSet vats, and restart them when the platform epoch advances',
  more: [
    'Commands that only read (status, vats, vat, epochs, epoch plan, epoch images, params, ' +
      'platform, replay, kernel-dump, bundle list, inspect, rehearse, store verify, store stats, ' +
      'store copy, store export) work while a kernel runs on the store. slog reads files alone.',
    'Commands that change vats and queues (suspend, resume, restart, upgrade, terminate, drain, ' +
      'drop, bundle install) ask the server that runs on <dir>, or open the store themselves.',
    'Exit status: 0 done; 1 the command failed, or found a problem; 2 the command line makes no ' +
      'sense. The pages of run and chain start name others.',
  ],
  examples: [
    {
      why: 'make a swingset in ./store and run it',
      line: 'swingset-kernel run swingset.json --home ./store --epoch spring',
    },
    {
      why: 'look at it',
      line: 'swingset-kernel status --home ./store',
    },
    {
      why: 'read the page of a command',
      line: 'swingset-kernel help store verify',
    },
  ],
};

export const runPage: HelpPage = {
  summary: 'boot the swingset in <dir>, run what is queued, and commit',
  more: [
    'The first run makes the swingset from [config]. Later runs continue from the store and need ' +
      'no configuration: one that is given again is ignored with a warning, and so are --worker ' +
      'and what follows --. A new --epoch restarts every vat before any queued work runs.',
    'Exit status: 1 an error, and what was not committed is lost; 5 everything is committed, but ' +
      'at least one vat could not start and is suspended or terminated.',
  ],
  afterDashes: '<argv of the bootstrap vat>',
  examples: [
    {
      why: 'make a new swingset and run it',
      line: 'swingset-kernel run swingset.json --home ./store --epoch spring',
    },
    {
      why: 'the same, with vatParameters.argv for its bootstrap vat',
      line: 'swingset-kernel run ./vats --home ./store --epoch spring -- alice bob',
    },
    {
      why: 'run what is queued',
      line: 'swingset-kernel run --home ./store',
    },
    {
      why: 'restart all vats but one on a new platform',
      line: 'swingset-kernel run --home ./store --epoch summer --exempt oracle',
    },
  ],
};

export const statusPage: HelpPage = {
  summary: 'show the vats and the platform epoch',
  more: [
    'For vats out of service it says why, since when, who asked, and how many messages wait. ' +
      'Those are not in the run-queue, and are delivered when the vat is back.',
    'Only reads, also while a kernel runs.',
  ],
  examples: [
    { why: 'see how the vats are', line: 'swingset-kernel status --home ./store' },
    { why: 'the same, for a program', line: 'swingset-kernel status --home ./store --json' },
  ],
};

export const epochsPage: HelpPage = {
  summary: 'list the platform epochs that the swingset has lived through',
  more: [
    'A line for each epoch: whether its restart is complete, and how many vats restarted or ' +
      'failed. Only reads, also while a kernel runs.',
  ],
  examples: [{ why: 'see the last restart', line: 'swingset-kernel epochs --home ./store' }],
};

export const paramsPage: HelpPage = {
  summary: 'show what a vat starts with at the next restart',
  more: ['Only reads, also while a kernel runs.'],
  examples: [
    { why: 'the parameters of a static vat', line: 'swingset-kernel params bank --home ./store' },
    {
      why: 'those of any vat, marshalled',
      line: 'swingset-kernel params v14 --home ./store --json',
    },
  ],
};

export const rehearsePage: HelpPage = {
  summary: 'restart all vats of a copy, and report on each',
  more: [
    'The store itself is only read. Devices that need endowments do nothing in the copy.',
    'Exit status: 1 if a vat fails, or the kernel would refuse to go on.',
  ],
  examples: [
    {
      why: 'will all vats survive the next platform?',
      line: 'swingset-kernel rehearse --home ./store --epoch summer',
    },
    {
      why: 'restart them lazily, run 100 blocks, and write a page',
      line: 'swingset-kernel rehearse --home ./store --epoch summer --mode lazy --blocks 100 --html report.html',
    },
  ],
};

export const epochPage: HelpPage = {
  summary: 'prepare a platform epoch',
  examples: [
    {
      why: 'see what a boot with a new epoch would do',
      line: 'swingset-kernel epoch plan --home ./store --epoch summer',
    },
    {
      why: 'propose bundles for the platform image',
      line: 'swingset-kernel epoch images --home ./store',
    },
  ],
};

export const epochImagesPage: HelpPage = {
  summary: 'propose bundles for the platform image: modules that many vats share are compiled once',
  more: [
    'Only reads, also while a kernel runs. The options that it prints belong to the next new epoch.',
  ],
  examples: [{ why: 'print the proposal', line: 'swingset-kernel epoch images --home ./store' }],
};
