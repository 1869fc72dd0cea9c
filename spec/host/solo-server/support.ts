/** Solo servers for specs. */
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
import { makeClient } from './client.js';
import { readFrames } from './frames.js';

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
  const events = () =>
    readFrames(received)
      .filter(({ opcode }) => opcode === 1)
      .map(({ payload }) => JSON.parse(payload.toString('utf8')) as unknown);
  return { status: answer.statusCode, socket, events };
};
