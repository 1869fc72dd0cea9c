/** Reads the path of a query and answers it from committed state. */
import { jsonBytes, OK, refusalCodes, refusalOf, type Refusal } from '../codes.js';
import { heightOf, type CommittedView } from '../committed-view.js';
import type { Query, QueryResult } from '../types.js';
import { answerers, badQuery, type Answer } from './answers.js';

const nothing = new Uint8Array();

const refused = ({ reason, log }: Refusal, height: number): QueryResult => ({
  code: refusalCodes[reason],
  log,
  key: nothing,
  value: nothing,
  height,
});

const decodePath = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
};

const answer = (view: CommittedView, path: string): Answer => {
  const [, name = '', encoded = ''] = /^\/([^/]+)(?:\/(.*))?$/s.exec(path) ?? [];
  if (!Object.hasOwn(answerers, name)) {
    const known = Object.keys(answerers).map(each => `/${each}`);
    return badQuery(`path: expected one of ${known.join(', ')}, got ${JSON.stringify(path)}`);
  }
  const rest = decodePath(encoded);
  if (rest === undefined) return badQuery(`path: ${JSON.stringify(path)} has a bad escape`);
  return answerers[name]!(view, rest);
};

export const answerQuery = (view: CommittedView | undefined, { path }: Query): QueryResult => {
  if (!view) return refused(refusalOf('notReady', 'there is no chain yet'), 0);
  const height = heightOf(view);
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
