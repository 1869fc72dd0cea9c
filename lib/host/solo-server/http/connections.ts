/**
 * The connections of a server: at most so many.
 *
 * A connection is a stranger's until a request on it has shown the token. When there are too many,
 * the oldest stranger's ends, so idle or slow strangers keep nobody out who has the token.
 *
 * Invariant: the connection of one who has shown the token is never ended for the sake of another.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export class Connections {
  readonly #most: number;

  /** In order of arrival. */
  readonly #strangers = new Set<Socket>();

  readonly #known = new Set<Socket>();

  /** @param most - How many are open at once, those of strangers and others together. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts and bounds what connects to a server, also after an upgrade to a WebSocket. */
  watch(server: Server): void {
    server.on('connection', socket => this.#add(socket));
  }

  /** Call it when a request on the connection has shown the token. */
  trust(socket: Socket): void {
    if (this.#strangers.delete(socket)) this.#known.add(socket);
  }

  /** Ends all of them at once, whatever is under way. */
  endAll(): void {
    for (const socket of [...this.#strangers, ...this.#known]) socket.destroy();
  }

  #add(socket: Socket): void {
    this.#strangers.add(socket);
    socket.once('close', () => {
      this.#strangers.delete(socket);
      this.#known.delete(socket);
    });
    if (this.#strangers.size + this.#known.size <= this.#most) return;
    const [oldest] = this.#strangers;
    if (!oldest) return;
    // Its `close` comes later.
    this.#strangers.delete(oldest);
    oldest.destroy();
  }
}
