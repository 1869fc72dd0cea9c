/** Ends a wait for news. */
import type { FastifyReply } from 'fastify';

/** Aborts when the server stops, when the client is gone, or after so many seconds. */
export const untilGone = (
  { raw }: FastifyReply,
  stopping: AbortSignal,
  seconds: number,
): AbortSignal => {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return AbortSignal.any([stopping, gone.signal, AbortSignal.timeout(seconds * 1000)]);
};
