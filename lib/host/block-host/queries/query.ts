/** Reads the path of a query and answers it from committed state. */
import { jsonBytes, OK, refusalCodes, refusalOf, type Refusal } from '../codes.js';
import { heightOf, type CommittedView } from '../committed-view.js';
import type { Query, QueryResult } from '../types.js';
import { answerers, badQuery, paged, type Answer } from './answers.js';
import { readPath } from './path.js';
import { proveRow } from './prove-row.js';

const nothing = new Uint8Array();

const refused = ({ reason, log }: Refusal, height: number): QueryResult => ({
  code: refusalCodes[reason],
  log,
  key: nothing,
  value: nothing,
  height,
});

const answer = (view: CommittedView, path: string): Answer => {
  const read = readPath(path);
  if (read.kind === 'bad') return badQuery(read.problem);
  const { name, rest, page } = read;
  if (!Object.hasOwn(answerers, name)) {
    const known = Object.keys(answerers).map(each => `/${each}`);
    return badQuery(`path: expected one of ${known.join(', ')}, got ${JSON.stringify(path)}`);
  }
  const [first] = Object.keys(page);
  if (first !== undefined && !paged.has(name)) {
    return badQuery(`path: /${name} takes no ${JSON.stringify(first)}`);
  }
  return answerers[name]!(view, rest, page);
};

export const answerQuery = (
  view: CommittedView | undefined,
  { path, prove = false }: Query,
): QueryResult => {
  if (!view) return refused(refusalOf('notReady', 'there is no chain yet'), 0);
  const height = heightOf(view);
  if (prove) {
    const proven = proveRow(view, path);
    if (proven.kind === 'refused') return refused(proven.refusal, height);
    return { code: OK, log: '', ...proven.row, height };
  }
  const given = answer(view, path);
  if (given.kind === 'refused') return refused(given.refusal, height);
  return {
    code: OK,
    log: '',
    key: Uint8Array.from(Buffer.from(path)),
    value: jsonBytes(given.value),
    height,
  };
};
