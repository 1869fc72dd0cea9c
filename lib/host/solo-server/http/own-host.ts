/** Keeps out pages of foreign names that resolve to this machine (DNS rebinding). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerError } from './errors.js';

const NAMES = ['127.0.0.1', '[::1]', 'localhost'] as const;

const isOwnHost = ({ headers: { host }, socket: { localPort } }: FastifyRequest): boolean =>
  NAMES.some(name => host === `${name}:${localPort}` || (localPort === 80 && host === name));

/** Answers a request whose `Host` is not this machine's loopback, and says whether it did. */
export const refusesHost = (request: FastifyRequest, reply: FastifyReply): boolean => {
  if (isOwnHost(request)) return false;
  reply.header('connection', 'close');
  const message = 'ask for 127.0.0.1, [::1] or localhost, with the port';
  answerError(reply, 421, { code: 'WRONG_HOST', message });
  return true;
};
