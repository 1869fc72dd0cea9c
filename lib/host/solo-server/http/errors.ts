/** Errors as answers: `{ error: { code, message } }`. */
import type { FastifyError, FastifyReply, FastifySchemaValidationError } from 'fastify';
import { BadOptionError, SwingsetError, errorText, quoteValue } from '../../../errors.js';

/** By the code of an error. */
const STATUS: Readonly<Record<string, number>> = {
  BAD_OPTION: 400,
  BAD_IDENTIFIER: 400,
  BAD_BUNDLE: 400,
  VAT_STATE: 409,
  SOLO_QUEUE_FULL: 503,
  SOLO_SERVER_STOPPED: 503,
};

const RETRY_SECONDS = 1;

export const answerError = (
  reply: FastifyReply,
  status: number,
  error: { readonly code: string; readonly message: string },
): FastifyReply => reply.code(status).send({ error });

/** A field of a request that has the wrong shape, as ajv found it. */
export const describeFlaw = (
  flaws: readonly FastifySchemaValidationError[],
  where: string,
): Error => {
  const [flaw] = flaws;
  const { instancePath = '', message = 'is wrong', params } = flaw ?? {};
  // ajv's `verbose` adds the value.
  const { data } = (flaw ?? {}) as { readonly data?: unknown };
  const { additionalProperty } = params ?? {};
  const field = [where, ...instancePath.split('/').slice(1)].join('.');
  return typeof additionalProperty === 'string'
    ? Error(`${field}: unknown field ${quoteValue(additionalProperty)}`)
    : Error(`${field}: ${message}, got ${quoteValue(data)}`);
};

/** Answers whatever a route threw. */
export const answerThrown = (error: unknown, reply: FastifyReply): FastifyReply => {
  const { code, statusCode, validation } = error as Partial<FastifyError>;
  const message = errorText(error);
  if (validation) return answerError(reply, 400, { code: 'BAD_REQUEST', message });
  if (error instanceof SwingsetError) {
    const status = STATUS[error.code] ?? 500;
    if (status === 503) reply.header('retry-after', String(RETRY_SECONDS));
    return answerError(reply, status, { code: error.code, message });
  }
  // Fastify's own refusals: too large, no JSON, no such media type.
  if (statusCode !== undefined && statusCode < 500) {
    return answerError(reply, statusCode, { code: code ?? 'BAD_REQUEST', message });
  }
  // What marshalling throws for data that vats can't take.
  if (error instanceof TypeError || error instanceof RangeError) {
    return answerError(reply, 400, { code: 'BAD_REQUEST', message });
  }
  return answerError(reply, 500, { code: 'INTERNAL', message: 'the server failed to answer' });
};

export const unknownVat = (vat: string): BadOptionError =>
  new BadOptionError('body.vat', vat, 'the name of a static vat, or the vatID of one that lives');
