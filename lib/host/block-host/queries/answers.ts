/** Answers to queries, by the first part of their path. Each takes bounded time. */
import { isAddress } from '../../transactions/addresses.js';
import { refusalOf, type Refusal } from '../codes.js';
import { heightOf, type CommittedView } from '../committed-view.js';
import { sequenceOf } from '../tables/accounts.js';
import { roles } from '../tables/chain.js';
import { readMailbox } from '../tables/mailboxes.js';
import { queuedInAll, queuedOf, queueLength } from '../tables/queues.js';
import { readResult } from '../tables/results.js';
import { isStoragePath, readStorage, storageChildren } from '../tables/storage.js';
import { listUploads } from '../tables/uploads.js';
import { validators } from '../tables/validators.js';

export type Answer =
  | { readonly kind: 'found'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

const found = (value: unknown): Answer => ({ kind: 'found', value });

const missing = (log: string): Answer => ({
  kind: 'refused',
  refusal: refusalOf('notFound', log),
});

export const badQuery = (log: string): Answer => ({
  kind: 'refused',
  refusal: refusalOf('query', log),
});

/** @param rest - The path after the first part. */
type Answerer = (view: CommittedView, rest: string) => Answer;

const MAX_CHILDREN = 1_000;

const status: Answerer = view => {
  const { lastBlock, identity, appVersion, ledger, plan, rows } = view;
  return found({
    chainID: identity.chainID,
    height: heightOf(view),
    time: { seconds: String(lastBlock.time.seconds), nanos: lastBlock.time.nanos },
    appHash: Buffer.from(lastBlock.result.appHash).toString('hex'),
    appVersion: Number(appVersion),
    platformEpoch: ledger.at(-1)?.epoch ?? null,
    upgrade: plan ?? null,
    queued: queuedInAll(rows),
  });
};

const account: Answerer = ({ rows }, address) => {
  if (!isAddress(address)) return badQuery(`account: ${JSON.stringify(address)} is no address`);
  return found({
    address,
    sequence: sequenceOf(rows, address),
    queued: queuedOf(rows, address),
    roles: roles.read(rows, address) ?? [],
  });
};

const result: Answerer = ({ rows }, id) => {
  const noted = /^[1-9][0-9]{0,15}$/.test(id) ? readResult(rows, id) : undefined;
  return noted ? found({ id, ...noted }) : missing(`result: there is none of action ${id}`);
};

const storage: Answerer = ({ rows }, path) => {
  const text = isStoragePath(path) ? readStorage(rows, path) : undefined;
  return text === undefined ? missing(`storage: nothing is at ${path}`) : found(text);
};

const children: Answerer = ({ rows }, path) => {
  if (path !== '' && !isStoragePath(path))
    return badQuery(`storage: ${JSON.stringify(path)} is no path`);
  const names = storageChildren(rows, path, MAX_CHILDREN + 1);
  return found({ children: names.slice(0, MAX_CHILDREN), more: names.length > MAX_CHILDREN });
};

const mailbox: Answerer = ({ rows }, peer) =>
  peer === '' ? badQuery('mailbox: expected the name of a peer') : found(readMailbox(rows, peer));

export const answerers: Readonly<Record<string, Answerer>> = {
  status,
  account,
  result,
  storage,
  'storage-children': children,
  mailbox,
  params: ({ params }) => found(params),
  roles: ({ rows }) => found(Object.fromEntries(roles.entries(rows))),
  plan: ({ plan }) => found(plan ?? null),
  epochs: ({ ledger }) => found(ledger),
  queues: ({ rows }) =>
    found({
      priority: queueLength(rows, 'priority'),
      ordinary: queueLength(rows, 'ordinary'),
    }),
  uploads: ({ rows }) => found(listUploads(rows)),
  validators: ({ rows }) => found(Object.fromEntries(validators.entries(rows))),
};
