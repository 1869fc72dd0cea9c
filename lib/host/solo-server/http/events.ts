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

const serve = (socket: WebSocket, { feed, stopping }: HttpPorts): void => {
  const forget = feed.subscribe(block => {
    if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
    else socket.send(JSON.stringify(block));
  });
  const goAway = (): void => {
    socket.close(GOING_AWAY, 'the server stops');
    setTimeout(() => socket.terminate(), CLOSE_MS).unref();
  };
  stopping.addEventListener('abort', goAway);
  socket.on('close', () => {
    forget();
    stopping.removeEventListener('abort', goAway);
  });
  // `close` follows.
  socket.on('error', () => undefined);
  socket.on('message', () => socket.close(POLICY_VIOLATION, 'nothing is to be sent here'));
};

/** Adds the route. Upgrades pass the same hooks as all requests: token and rate. */
export const addEvents = (app: FastifyInstance, ports: HttpPorts): void => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE });
  const upgrades = new WeakMap<IncomingMessage, readonly [socket: Duplex, head: Buffer]>();
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgrades.set(request, [socket, head]);
    socket.on('error', () => undefined);
    const response = new ServerResponse(request);
    response.assignSocket(socket as Socket);
    // A refusal ends the connection.
    response.on('finish', () => socket.end());
    app.routing(request, response);
  });
  app.get('/v1/events', async (request, reply) => {
    const upgrade = upgrades.get(request.raw);
    if (!upgrade) {
      const message = 'connect to it with a WebSocket';
      return answerError(reply, 426, { code: 'UPGRADE_REQUIRED', message });
    }
    const [socket, head] = upgrade;
    reply.hijack();
    reply.raw.detachSocket(socket as Socket);
    sockets.handleUpgrade(request.raw, socket, head, client => serve(client, ports));
    return reply;
  });
};
