/** Answers to queries, by the first part of their path. Each takes bounded time. */
import { isVatID } from '../../../types/ids.js';
import { isAddress } from '../../transactions/addresses.js';
import { refusalOf, type Refusal } from '../codes.js';
import { heightOf, type CommittedView } from '../committed-view.js';
import { sequenceOf } from '../tables/accounts.js';
import { roles } from '../tables/chain.js';
import { readMailbox } from '../tables/mailboxes.js';
import { queuedInAll, queuedOf, queueLength } from '../tables/queues.js';
import { isActionID, readResult } from '../tables/results.js';
import { isStoragePath, readStorage, storageChildren } from '../tables/storage.js';
import { listUploads } from '../tables/uploads.js';
import { validators } from '../tables/validators.js';
import type { GivenPage } from './path.js';
import { isRowKey, readRow, ROW_KEYS } from './rows.js';
import { findVat, listVats } from './vats.js';

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
type Answerer = (view: CommittedView, rest: string, page: GivenPage) => Answer;

const MAX_CHILDREN = 1_000;
const MAX_VATS = 1_000;
const DEFAULT_VATS = 100;

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
  const noted = isActionID(id) ? readResult(rows, id) : undefined;
  return noted ? found({ id, ...noted }) : missing(`result: there is none of action ${id}`);
};

const row: Answerer = ({ rows }, key) => {
  if (!isRowKey(key)) return badQuery(`row: expected ${ROW_KEYS}, got ${JSON.stringify(key)}`);
  const text = readRow(rows, key);
  return text === undefined ? missing(`row: there is no ${key}`) : found(text);
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

const vats: Answerer = (view, rest, { after, limit = String(DEFAULT_VATS) }) => {
  if (rest !== '')
    return badQuery(`vats: expected nothing after /vats, got ${JSON.stringify(rest)}`);
  if (after !== undefined && !isVatID(after)) {
    return badQuery(`after: expected a vatID, such as v7, got ${JSON.stringify(after)}`);
  }
  if (!/^[1-9][0-9]{0,5}$/.test(limit) || Number(limit) > MAX_VATS) {
    return badQuery(`limit: expected a number from 1 to ${MAX_VATS}, got ${JSON.stringify(limit)}`);
  }
  return found(listVats(view, { after, limit: Number(limit) }));
};

const vat: Answerer = (view, vatID) => {
  if (!isVatID(vatID))
    return badQuery(`vat: expected a vatID, such as v7, got ${JSON.stringify(vatID)}`);
  const described = findVat(view, vatID);
  return described ? found(described) : missing(`vat: there has been no ${vatID}`);
};

/** Those whose path may end in `?after=…&limit=…`. */
export const paged: ReadonlySet<string> = new Set(['vats']);

export const answerers: Readonly<Record<string, Answerer>> = {
  status,
  account,
  result,
  row,
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
  vats,
  vat,
  validators: ({ rows }) => found(Object.fromEntries(validators.entries(rows))),
};
