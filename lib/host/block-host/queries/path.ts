/** Takes the path of a query apart: `/<name>/<rest>?after=<…>&limit=<…>`. */

export interface GivenPage {
  /** The last item of the page before. */
  readonly after?: string;
  readonly limit?: string;
}

export type QueryPath =
  | {
      readonly kind: 'path';
      /** Empty for a path that does not begin with a slash. */
      readonly name: string;
      /** Without escapes. */
      readonly rest: string;
      readonly page: GivenPage;
    }
  | { readonly kind: 'bad'; readonly problem: string };

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const FIELDS = ['after', 'limit'];

export const readPath = (path: string): QueryPath => {
  const bad = (problem: string): QueryPath => ({ kind: 'bad', problem: `path: ${problem}` });
  const [, name = '', encoded = '', search = ''] =
    /^\/([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(path) ?? [];
  const rest = decode(encoded);
  if (rest === undefined || decode(search) === undefined) {
    return bad(`${JSON.stringify(path)} has a bad escape`);
  }
  const given = new URLSearchParams(search);
  for (const field of given.keys()) {
    if (!FIELDS.includes(field)) {
      return bad(`expected ${FIELDS.join(' or ')} after the "?", got ${JSON.stringify(field)}`);
    }
    if (given.getAll(field).length > 1) return bad(`${JSON.stringify(field)} is given twice`);
  }
  return { kind: 'path', name, rest, page: Object.fromEntries(given) };
};
