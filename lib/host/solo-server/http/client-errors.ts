/** Answers what is no request of HTTP, in the same form as all other errors. */
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'REQUEST_TIMEOUT',
    message: 'the request took too long to arrive',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'HEADERS_TOO_LARGE',
    message: 'the headers are too long',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'BODY_TOO_LARGE',
    message: 'the extensions of a chunk are too long',
  },
};

const MALFORMED: Refusal = { status: 400, code: 'BAD_HTTP', message: 'this is no HTTP request' };

/** Is an answer to an earlier request on this connection half written? */
const isAnswering = (socket: Socket): boolean => {
  // The only place where Node says so.
  const { _httpMessage } = socket as Socket & { readonly _httpMessage?: ServerResponse | null };
  return _httpMessage?.headersSent === true;
};

/** For the server's event `clientError`: refuses, and ends the connection. */
export const refuseClient = (error: Error & { readonly code?: string }, socket: Socket): void => {
  if (socket.writable && error.code !== 'ECONNRESET' && !isAnswering(socket)) {
    const { status, code, message } = REFUSALS[error.code ?? ''] ?? MALFORMED;
    const body = JSON.stringify({ error: { code, message } });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy();
};
