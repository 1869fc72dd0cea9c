/** A client of a solo server, which can misbehave. */

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Any shape: specs compare it. */
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const makeClient = (url: string, token: string) => {
  const ask = async (path: string, init: RequestInit = {}, shown = token): Promise<Answer> => {
    const headers = { authorization: `Bearer ${shown}`, ...(init.headers as object) };
    const response = await fetch(url + path, { ...init, headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parse(text) };
  };
  const post = (path: string, body: unknown, shown = token): Promise<Answer> =>
    ask(
      path,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      },
      shown,
    );
  const send = (vat: string, method: string, ...args: unknown[]): Promise<Answer> =>
    post('/v1/messages', { vat, method, args });
  /** Sends, and waits for the result's value. */
  const call = async (vat: string, method: string, ...args: unknown[]): Promise<unknown> => {
    const { json } = await send(vat, method, ...args);
    const result = await ask(`/v1/results/${json.kpid}?wait=60`);
    if (result.json.status === 'fulfilled') return result.json.value;
    throw Error(result.text);
  };
  return { ask, post, send, call };
};
