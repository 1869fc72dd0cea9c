/** Ends a wait for news. */
import type { FastifyReply } from 'fastify';

/**
 * Aborts when the server stops, when the client is gone or has its answer, or after so many seconds.
 *
 * Not by `AbortSignal.any`: it leaves a trace of each wait in `stopping`, as long as that lives.
 */
export const untilGone = (
  { raw }: FastifyReply,
  stopping: AbortSignal,
  seconds: number,
): AbortSignal => {
  const gone = new AbortController();
  const end = (): void => {
    clearTimeout(timer);
    raw.off('close', end);
    stopping.removeEventListener('abort', end);
    gone.abort();
  };
  const timer = setTimeout(end, seconds * 1000);
  raw.once('close', end);
  stopping.addEventListener('abort', end);
  if (stopping.aborted) end();
  return gone.signal;
};
