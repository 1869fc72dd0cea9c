/** Help pages of the commands that change a swingset. See `page.ts`. */
import { bundleListPage } from './look-pages.js';
import type { HelpPage } from './page.js';

const WHERE =
  'The server that runs on <dir> does it in its next block. Without a server, the store is opened ' +
  'on the platform that it records';

export const actionPages = {
  suspend: {
    summary: 'take a vat out of service: its incarnation ends, and what is sent to it waits',
    more: [
      'Its durable state stays. Nothing brings it back but `resume` and an upgrade: no new epoch ' +
        'starts it, and no vat that holds its adminNode.',
      `${WHERE}.`,
    ],
    examples: [
      { why: 'stop a vat that misbehaves', line: 'swingset-kernel suspend bank --home ./store' },
    ],
  },
  resume: {
    summary: 'bring a suspended or paused vat back',
    more: [
      'It starts on the present platform. What waits for it is delivered in order. If it can not ' +
        'start, it stays suspended with its error, and the exit status is 1.',
      `${WHERE}; \`start\`, \`run\` or \`drain\` then delivers what waits.`,
    ],
    examples: [
      { why: 'let a vat go on', line: 'swingset-kernel resume bank --home ./store' },
      { why: 'the same for a dynamic vat', line: 'swingset-kernel resume v14 --home ./store' },
    ],
  },
  restart: {
    summary: 'start a vat anew on its own code, to shrink its heap or to give it other parameters',
    more: [
      'Durable state stays, and what lives in RAM is lost. If the new incarnation can not start, ' +
        'the old one goes on, and the exit status is 1.',
      `${WHERE}. Nothing that is queued runs before.`,
    ],
    examples: [
      { why: 'shrink a heap', line: 'swingset-kernel restart bank --home ./store' },
      {
        why: 'with other parameters',
        line: `swingset-kernel restart bank --parameters '{"limit":10}' --home ./store`,
      },
    ],
  },
  upgrade: {
    summary: 'give a static vat new code',
    more: [
      'Durable state stays. A suspended vat comes back with the new code, and what waits for it is ' +
        'delivered. If the new code can not start, the vat stays as it is, and the exit status is 1. ' +
        'A dynamic vat is upgraded by who holds its adminNode.',
      `${WHERE}, and the queue runs until the upgrade is done.`,
    ],
    examples: [
      {
        why: 'mend a vat that could not start',
        line: 'swingset-kernel upgrade bank --source ./vat-bank.js --home ./store',
      },
      {
        why: 'with a bundle that is made already, and other parameters',
        line: `swingset-kernel upgrade bank --bundle bank.json --parameters '{"limit":10}' --home ./store`,
      },
    ],
  },
  terminate: {
    summary: 'end a vat for good',
    more: [
      'Its state is deleted, and what waits for it is rejected. Critical vats and vat-admin are ' +
        'refused: the kernel can not go on without them.',
      `${WHERE}, and nothing but the end of the vat runs.`,
    ],
    examples: [
      { why: 'end a dynamic vat', line: 'swingset-kernel terminate v14 --yes --home ./store' },
    ],
  },
  drain: {
    summary: 'work off what is queued, for example before a new epoch',
    more: [
      'Runs block after block until nothing is queued, and commits each. Messages for vats out of ' +
        'service are counted, and stay: no run delivers them.',
      'Exit status: 1 if something is still queued after the last block. A server that runs on ' +
        '<dir> takes messages meanwhile: stop those who send first. Its blocks are as long as it was ' +
        'told, whatever --block-computrons says here.',
    ],
    examples: [
      {
        why: 'empty the queue before the platform is replaced',
        line: 'swingset-kernel drain --home ./store',
      },
      { why: 'try for ten blocks', line: 'swingset-kernel drain --blocks 10 --home ./store' },
      {
        why: 'commit after each crank, so that a message that stops the kernel is left in front for drop',
        line: 'swingset-kernel drain --block-computrons 1 --home ./store',
      },
    ],
  },
  drop: {
    summary: 'drop one message that ends a vat or stops the kernel whenever it is delivered',
    more: [
      'Shows the event, and with --yes saves it to a file and drops it undelivered. Who awaits the ' +
        "result of the message gets an error. Without [vat] it is in the run-queue; a vat's queue " +
        'holds what waits for it while it is out of service. Only messages and notifications can be ' +
        'dropped.',
      'Exit status: 1 without --yes, or if another event stands there by then.',
    ],
    examples: [
      {
        why: 'look at the first event in the run-queue',
        line: 'swingset-kernel drop --home ./store',
      },
      { why: 'drop it', line: 'swingset-kernel drop --yes --home ./store' },
      {
        why: 'drop the second message that waits for a suspended vat',
        line: 'swingset-kernel drop bank --position 2 --yes --save poison.json --home ./store',
      },
    ],
  },
  'bundle install': {
    summary: 'add a bundle to the store',
    more: [`The bundle is checked against its hash. ${WHERE}.`],
    examples: [
      {
        why: 'install what bundle-source has made',
        line: 'swingset-kernel bundle install bank.json --home ./store',
      },
    ],
  },
} as const satisfies Record<string, HelpPage>;

export const bundlePage: HelpPage = {
  summary: 'list the bundles of the store, or add one',
  examples: [...bundleListPage.examples, ...actionPages['bundle install'].examples],
};
