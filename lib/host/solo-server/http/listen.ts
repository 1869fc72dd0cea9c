/** Listens on loopback: 127.0.0.1, and ::1 under the same port if this machine has it. */
import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { BoundedServer } from './bounded-server.js';

const CLOSE_MS = 2_000;

export interface Listening {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Lets answers under way out, then ends all connections. */
  readonly close: () => Promise<void>;
}

/** One connection that can't be accepted, for want of files, must not end the process. */
const ignoreErrors = (server: Server): Server => server.on('error', () => undefined);

/** Hands its connections to the server, which bounds them together with its own. */
const listenOnIPv6 = async (server: HttpServer, port: number): Promise<Server | undefined> => {
  const second = createServer({ allowHalfOpen: true, noDelay: true }, socket =>
    server.emit('connection', socket),
  );
  try {
    second.listen({ host: '::1', port, ipv6Only: true });
    await once(second, 'listening');
    return ignoreErrors(second);
  } catch {
    // No ::1 here, or another program has the port there.
    return undefined;
  }
};

/** @param port - 0 picks a free one */
export const listen = async (
  { app, connections }: BoundedServer,
  port: number,
): Promise<Listening> => {
  await app.listen({ host: '127.0.0.1', port });
  ignoreErrors(app.server);
  const { port: bound } = app.server.address() as AddressInfo;
  const second = await listenOnIPv6(app.server, bound);
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: async () => {
      const closed = Promise.all([app.close(), second && once(second.close(), 'close')]);
      const late = new AbortController();
      const cutOff = async (): Promise<void> => {
        await setTimeout(CLOSE_MS, undefined, { signal: late.signal });
        // Those that were upgraded as well, which the server itself does not end.
        connections.endAll();
      };
      const cut = cutOff().catch(() => undefined);
      await closed;
      late.abort();
      await cut;
    },
  };
};
