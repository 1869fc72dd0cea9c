/**
 * `/v1/events`: a WebSocket that gets one JSON text for each block, after its commit.
 *
 * It uses `ws` as it is. `@fastify/websocket` loads `readable-stream`, which assigns to the names of
 * errors and so can't be loaded in a process that is locked down.
 */
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer, type WebSocket } from 'ws';
import type { SoloBlock } from '../options.js';
import { answerError } from './errors.js';
import type { HttpPorts } from './ports.js';

/** A client that reads slower than blocks come is cut off here. */
const MAX_BUFFERED = 1_000_000;
/** Clients send nothing. */
const MAX_MESSAGE = 1_000;

/** A client that does not confirm the end in this time is cut off, so that it holds up no stop. */
const CLOSE_MS = 1_000;

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;

const welcome = (socket: WebSocket): void => {
  // `close` follows.
  socket.on('error', () => undefined);
  socket.on('message', () => socket.close(POLICY_VIOLATION, 'nothing is to be sent here'));
};

const announce = (sockets: Iterable<WebSocket>, block: SoloBlock): void => {
  let text: string | undefined;
  for (const socket of sockets) {
    if (socket.readyState !== socket.OPEN) continue;
    text ??= JSON.stringify(block);
    if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
    else socket.send(text);
  }
};

const goAway = (socket: WebSocket): void => {
  socket.close(GOING_AWAY, 'the server stops');
  setTimeout(() => socket.terminate(), CLOSE_MS).unref();
};

/** Connections whose request for an upgrade has yet to be answered. */
type Upgrades = WeakMap<IncomingMessage, readonly [socket: Socket, head: Buffer]>;

/** Passes requests for an upgrade through the same hooks as all others: token and rate. */
const takeUpgrades = (app: FastifyInstance, upgrades: Upgrades): void => {
  app.server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    const socket = duplex as Socket;
    upgrades.set(request, [socket, head]);
    socket.on('error', () => undefined);
    const response = new ServerResponse(request);
    try {
      response.assignSocket(socket);
    } catch {
      // An earlier request on this connection is not answered yet, and now can't be.
      socket.destroy();
      return;
    }
    // A refusal ends the connection. Nothing else watches it: no more is read, and no time limited.
    response.on('finish', () => socket.destroySoon());
    app.routing(request, response);
  });
};

/** Adds the route. */
export const addEvents = (app: FastifyInstance, { feed, stopping }: HttpPorts): void => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE });
  const upgrades: Upgrades = new WeakMap();
  feed.subscribe(block => announce(sockets.clients, block));
  stopping.addEventListener('abort', () => sockets.clients.forEach(goAway));
  takeUpgrades(app, upgrades);
  app.get('/v1/events', async (request, reply) => {
    const upgrade = upgrades.get(request.raw);
    if (!upgrade) {
      const message = 'connect to it with a WebSocket';
      return answerError(reply, 426, { code: 'UPGRADE_REQUIRED', message });
    }
    const [socket, head] = upgrade;
    reply.hijack();
    reply.raw.detachSocket(socket);
    sockets.handleUpgrade(request.raw, socket, head, welcome);
    return reply;
  });
};
