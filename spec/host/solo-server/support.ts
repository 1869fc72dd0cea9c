/** Solo servers for specs, and a client that can misbehave. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { SoloServerOptions } from '../../../lib/host/solo-server/options.js';
import {
  startSoloServer,
  type SoloServer,
} from '../../../lib/host/solo-server/start-solo-server.js';
import { silent, withoutSystemVats } from '../../controller/support.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { makeTempDir } from '../../support/swingset.js';

const source = (name: string) => ({
  sourceSpec: fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url)),
});

/** A vat on each kind of worker. */
export const config: SwingSetConfig = {
  bootstrap: 'bootstrap',
  defaultManagerType: 'local',
  bundleCachePath,
  vats: {
    bootstrap: source('bootstrap'),
    tally: source('vat-tally'),
    engine: { ...source('vat-tally'), creationOptions: { managerType: 'xsnap' } },
  },
};

/** The same without an engine, for specs that need none. */
const localConfig: SwingSetConfig = {
  ...config,
  vats: { bootstrap: source('bootstrap'), tally: source('vat-tally') },
};

/** The same with a vat that the kernel can't do without. */
export const frailConfig: SwingSetConfig = {
  ...localConfig,
  vats: {
    ...localConfig.vats,
    frail: { ...source('vat-tally'), creationOptions: { critical: true } },
  },
};

const servers = new Set<SoloServer>();

export const start = async (options: Partial<SoloServerOptions> = {}) => {
  const { home = join(makeTempDir(), 'home'), runtimeOptions, ...more } = options;
  const server = await startSoloServer({
    home,
    getConfig: async () => ({ ...localConfig }),
    initializationOptions: withoutSystemVats,
    runtimeOptions: { console: silent, ...runtimeOptions },
    ...more,
  });
  servers.add(server);
  const token = readFileSync(join(home, 'solo-token'), 'utf8').trim();
  return { ...server, home, token, ...makeClient(server.url, token) };
};

afterEach('stop the servers of this test', async () => {
  const ends = [...servers].map(server => server.stop().catch(() => undefined));
  servers.clear();
  await Promise.all(ends);
});

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

/** Texts of the server's frames so far. A frame here is short and never masked. */
const readFrames = (bytes: Buffer): string[] => {
  const texts: string[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const isText = (bytes[at]! & 0x0f) === 1;
    const short = bytes[at + 1]!;
    const begin = short === 126 ? at + 4 : at + 2;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    if (isText) texts.push(bytes.subarray(begin, begin + length).toString('utf8'));
    at = begin + length;
  }
  return texts;
};

/** Listens to `/v1/events`. */
export const openEvents = async (url: string, token: string) => {
  const asked = request(`${url}/v1/events`, {
    headers: {
      authorization: `Bearer ${token}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16, 7).toString('base64'),
    },
  });
  asked.end();
  const [answer, socket] = (await Promise.race([
    once(asked, 'upgrade'),
    once(asked, 'response'),
  ])) as [{ statusCode: number }, Socket?];
  let received: Buffer = Buffer.alloc(0);
  socket?.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  const events = () => readFrames(received).map(text => JSON.parse(text) as unknown);
  return { status: answer.statusCode, socket, events };
};
