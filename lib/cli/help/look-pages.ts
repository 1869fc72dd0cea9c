/** Help pages of the commands that only look at a swingset. See `page.ts`. */
import type { HelpPage } from './page.js';

const READS = 'Only reads, also while a kernel runs.';

export const vatsPage: HelpPage = {
  summary: 'list the live vats',
  more: [
    'A line for each vat: the epoch and the platform that it runs on, its state, and how many ' +
      'events wait for it. Vats with the same eight digits are on the same platform. Without an ' +
      'epoch, a vat is between incarnations. A narrow terminal shows fewer columns.',
    'States: running; out-of-service is all others; suspended vats have no worker and are ' +
      'sleeping (their next message starts them), failed (could not start) or held (somebody ' +
      'asked for it); messages to paused vats wait.',
    READS,
  ],
  examples: [
    { why: 'all vats', line: 'swingset-kernel vats --home ./store' },
    {
      why: 'those that could not start on the new platform',
      line: 'swingset-kernel vats --home ./store --state failed',
    },
    {
      why: 'those that the last epoch left on another platform, for a program',
      line: 'swingset-kernel vats --home ./store --behind --json',
    },
  ],
};

export const vatPage: HelpPage = {
  summary: 'show everything about one vat',
  more: [
    'Its options, incarnation and platform; the sizes of its c-list, vatstore and transcript; its ' +
      'heap snapshot and meter. Out of service, it says why, since when, who asked, and which ' +
      'events wait.',
    `${READS} The parameters that it starts with are shown by params.`,
  ],
  examples: [
    { why: 'a static vat', line: 'swingset-kernel vat bank --home ./store' },
    {
      why: 'any vat, with the first 100 events that wait for it',
      line: 'swingset-kernel vat v14 --home ./store --events 100',
    },
  ],
};

export const epochPlanPage: HelpPage = {
  summary: 'show what a boot with an epoch would do, vat by vat, without doing it',
  more: [
    'Give it the options that run or start will get. It makes the same decisions as their boot: ' +
      'nothing, a restart, the rest of a restart that broke off, or a refusal. Whether a vat can ' +
      'start on the new platform shows only when it is tried: rehearse does that on a copy.',
    `${READS} Exit status: 1 if the boot would refuse, or a vat has nothing to start with.`,
  ],
  examples: [
    {
      why: 'which vats restart, and which events they find',
      line: 'swingset-kernel epoch plan --home ./store --epoch summer',
    },
    {
      why: 'the same for a lazy restart without one vat',
      line: 'swingset-kernel epoch plan --home ./store --epoch summer --mode lazy --exempt oracle',
    },
  ],
};

export const replayPage: HelpPage = {
  summary: "replay a vat's transcript, and name the first difference",
  more: [
    'Starts a worker from the last heap snapshot, or from the start of the incarnation, and gives ' +
      'it the recorded deliveries. Each syscall must be the recorded one. With --incarnation, each ' +
      'snapshot on the way must have the recorded hash as well.',
    `${READS} Exit status: 1 at a difference, and for a vat that can't be replayed here: it is ` +
      'between incarnations, another engine must continue it, or its old spans were pruned.',
  ],
  examples: [
    {
      why: 'could the vat come online again?',
      line: 'swingset-kernel replay bank --home ./store',
    },
    {
      why: 'is all that it did in this incarnation deterministic?',
      line: 'swingset-kernel replay v14 --home ./store --incarnation',
    },
  ],
};

export const platformPage: HelpPage = {
  summary: 'show the installed platform, the recorded one, and what vats run on',
  more: [
    'Engine, lockdown and supervisor of this installation and of the last epoch; the vats of each ' +
      'platform with its images; and whether a boot without a new epoch would be accepted.',
    `${READS} Exit status: 1 if such a boot would be refused.`,
  ],
  examples: [
    {
      why: 'may I start this software on this store?',
      line: 'swingset-kernel platform --home ./store',
    },
  ],
};

export const kernelDumpPage: HelpPage = {
  summary: "print the kernel's tables as JSON",
  more: [
    'The shape is that of dump() of the controller: queues, promises, objects, c-lists, GC actions, ' +
      'and each vat with the transcript of its current span. Always JSON; one element a line.',
    READS,
  ],
  examples: [
    {
      why: 'to search for an object, or to compare two kernels',
      line: 'swingset-kernel kernel-dump --home ./store',
    },
  ],
};

export const bundleListPage: HelpPage = {
  summary: 'list the bundles of the store, with their sizes and who uses them',
  more: [
    'Vats are those that live now. A bundle that the platform uses is the lockdown, the supervisor or ' +
      'a part of the image of so many vats. Vats may hold other bundles as objects: a bundle that ' +
      'nobody uses is not known to be useless.',
    `${READS} A terminal that is too narrow shows the beginnings of IDs.`,
  ],
  examples: [{ why: 'which code runs?', line: 'swingset-kernel bundle list --home ./store' }],
};

export const slogPage: HelpPage = {
  summary: 'read the structured log that run and start append with --slog',
  examples: [
    { why: 'where did the time go?', line: 'swingset-kernel slog summary slog.jsonl' },
    { why: 'what became of the vats?', line: 'swingset-kernel slog timeline slog.jsonl' },
  ],
};

const SLOG_FILES =
  'Files that end in .gz are unpacked. Lines that were cut off are skipped and counted: the last ' +
  'one while the kernel writes it, and one where a kernel was killed.';

export const slogSummaryPage: HelpPage = {
  summary: 'sum up slogs: cranks, and deliveries, computrons and time by vat',
  more: [
    'The vats that took most time come first. It also counts restarts, snapshots, replays and ' +
      'blocks. Give several files of one kernel oldest first.',
    SLOG_FILES,
  ],
  examples: [
    { why: 'one file', line: 'swingset-kernel slog summary slog.jsonl' },
    {
      why: 'rotated ones, for a program',
      line: 'swingset-kernel slog summary slog.1.jsonl.gz slog.jsonl --json',
    },
  ],
};

export const slogTimelinePage: HelpPage = {
  summary: 'list what became of the kernel and its vats, with times',
  more: [
    'Restarts and epochs, vats that were created, upgraded or terminated, failures, and blocks, in ' +
      'the order of the files. --json prints one JSON object a line.',
    SLOG_FILES,
  ],
  examples: [
    { why: 'everything', line: 'swingset-kernel slog timeline slog.jsonl' },
    { why: 'one vat', line: 'swingset-kernel slog timeline slog.jsonl --vat v14' },
  ],
};

export const slogDiffPage: HelpPage = {
  summary: 'find the first difference between two slogs',
  more: [
    "Two replicas' slogs must be equal. Times and durations are ignored, and so are entries that " +
      'replicas need not share: consoles, workers, replays, loads of snapshots. --all compares ' +
      'those too.',
    `${SLOG_FILES} Exit status: 1 if they differ.`,
  ],
  examples: [
    { why: 'of two nodes', line: 'swingset-kernel slog diff alice.jsonl bob.jsonl' },
    {
      why: 'with the ten entries before it',
      line: 'swingset-kernel slog diff alice.jsonl bob.jsonl --context 10',
    },
  ],
};
