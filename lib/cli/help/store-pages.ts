/** Help pages of the `store` commands. See `page.ts`. */
import type { HelpPage } from './page.js';

export const storePage: HelpPage = {
  summary: 'check, repair, copy, export, import or shrink a swingstore',
  examples: [
    { why: 'check a store', line: 'swingset-kernel store verify --home ./store' },
    { why: 'back it up', line: 'swingset-kernel store copy ./backup --home ./store' },
  ],
};

export const storePages = {
  verify: {
    summary: 'check everything that is stored',
    more: [
      "Checks SQLite's pages, all hashes, and the kernel's own tables. Only reads, also while a " +
        'kernel runs.',
      'Exit status: 1 if something is damaged.',
    ],
    examples: [
      { why: 'check a store', line: 'swingset-kernel store verify --home ./store' },
      {
        why: 'list all damage as JSON',
        line: 'swingset-kernel store verify --home ./store --json',
      },
    ],
  },
  repair: {
    summary: 'rebuild what is damaged, where other data says what it was',
    more: ['No kernel may run on the store. What it can not rebuild stays as it is.'],
    examples: [
      { why: 'rebuild from the store itself', line: 'swingset-kernel store repair --home ./store' },
      {
        why: 'take what is lost from a backup',
        line: 'swingset-kernel store repair --home ./store --from ./backup',
      },
    ],
  },
  stats: {
    summary: 'show what takes the space',
    more: ['Only reads, also while a kernel runs.'],
    examples: [
      { why: 'a line for each vat and table', line: 'swingset-kernel store stats --home ./store' },
    ],
  },
  compact: {
    summary: 'return free space to the file system',
    more: [
      'No kernel may run on the store. With --keep-spans or --keep-snapshots it first deletes ' +
        'history that the kernel does not need.',
    ],
    examples: [
      { why: 'delete nothing', line: 'swingset-kernel store compact --home ./store' },
      {
        why: 'keep what replays the current incarnations',
        line: 'swingset-kernel store compact --home ./store --keep-spans incarnation --keep-snapshots in-use',
      },
    ],
  },
  copy: {
    summary: 'copy the store as of its last commit, even while it is in use',
    examples: [
      {
        why: 'back up a running kernel',
        line: 'swingset-kernel store copy ./backup --home ./store',
      },
    ],
  },
  export: {
    summary: 'write an export directory, even while the store is in use',
    more: ['Its form is that of SwingSet: one file for each artifact, and a manifest.'],
    examples: [
      {
        why: 'what a new replica needs',
        line: 'swingset-kernel store export ./export --home ./store',
      },
      {
        why: 'all history',
        line: 'swingset-kernel store export ./export --home ./store --mode archival',
      },
    ],
  },
  import: {
    summary: 'make a store from an export directory',
    more: ['The directory of --home must hold no store yet.'],
    examples: [
      {
        why: 'make ./new-store',
        line: 'swingset-kernel store import ./export --home ./new-store',
      },
    ],
  },
} satisfies Record<string, HelpPage>;
