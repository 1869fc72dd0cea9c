/**
 * One connection of an engine.
 *
 * Invariants
 * 1. Each request has one response, in the order of the requests.
 * 2. Responses are written out at `Flush`, and when no further request has arrived.
 * 3. Nothing is read while a request is being answered or the peer does not take responses, so a
 *    connection holds one chunk of the stream, one request and its unwritten responses.
 * 4. A peer that sends anything but this protocol loses its connection. Others do not notice.
 */
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { errorText } from '../errors.js';
import { printable } from '../printable.js';
import { decodeRequest, encodeResponse, type AbciRequest, type AbciResponse } from './codec.js';
import { WireError } from './errors.js';
import { frameHeader, FrameReader } from './framing.js';

/** Answers one request. What it throws is fatal for the application. */
export type RequestHandler = (request: AbciRequest) => Promise<AbciResponse> | AbciResponse;

export interface ConnectionOptions {
  readonly handle: RequestHandler;
  readonly maxFrameBytes: number;
  /** Called for what `handle` throws, after the peer has been told and has hung up. */
  readonly onFailure: (error: unknown) => void;
}

/** Why a connection ended; undefined when the peer closed it in order. */
export type EndReason = string | undefined;

/** Responses that wait for a Flush. */
const MAX_UNWRITTEN = 1024 * 1024;

/** For a peer to take the reason of an end and to hang up, in milliseconds. */
const LEAVE_MS = 1000;

/** Requests after which other connections get their turn. */
const TURN = 16;

class Writer {
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(readonly socket: Duplex) {}

  add(response: AbciResponse): void {
    const bytes = encodeResponse(response);
    this.#parts.push(frameHeader(bytes.length), bytes);
    this.#size += bytes.length;
  }

  get isFull(): boolean {
    return this.#size >= MAX_UNWRITTEN;
  }

  /** Resolves when the system has taken all bytes. */
  async flush(): Promise<void> {
    if (this.#parts.length === 0) return;
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    await new Promise<void>((resolve, reject) => {
      this.socket.write(bytes, error => (error ? reject(error) : resolve()));
    });
  }
}

/** A failure of the application, told apart from those of the connection. */
class HandlerFailure extends Error {
  constructor(override readonly cause: unknown) {
    super(errorText(cause));
  }
}

const answer = async (handle: RequestHandler, request: AbciRequest): Promise<AbciResponse> => {
  try {
    return await handle(request);
  } catch (error) {
    throw new HandlerFailure(error);
  }
};

const serveFrames = async (
  socket: Duplex,
  writer: Writer,
  { handle, maxFrameBytes }: ConnectionOptions,
): Promise<EndReason> => {
  const reader = new FrameReader(maxFrameBytes);
  let served = 0;
  // The socket outlives the loop, to tell the peer what was wrong.
  const chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    for (const frame of reader.push(chunk)) {
      const request = decodeRequest(frame);
      writer.add(await answer(handle, request));
      if (request.kind === 'flush' || writer.isFull) await writer.flush();
      served += 1;
      if (served % TURN === 0) await setImmediate();
    }
    await writer.flush();
  }
  return reader.isBetweenFrames ? undefined : 'the peer closed it in the midst of a request';
};

/**
 * Tells the peer why this is the end, and waits for it to hang up. A peer that still writes when
 * its connection is cut off, as an engine does that flushes, may fail before it reads the reason.
 */
const takeLeave = async (socket: Duplex, writer: Writer, error: unknown): Promise<void> => {
  const overdue = setTimeout(() => socket.destroy(), LEAVE_MS);
  try {
    writer.add({ kind: 'exception', value: { error: errorText(error).toWellFormed() } });
    // Not awaited: a socket that is destroyed may never say what became of a write.
    writer.flush().catch(() => undefined);
    socket.end();
    socket.resume();
    await finished(socket);
  } catch {
    // The peer has gone, or is given up.
  } finally {
    clearTimeout(overdue);
  }
};

/**
 * Serves a connection until it ends.
 * @returns the reason, as one printable line
 */
export const serveConnection = async (
  socket: Duplex,
  options: ConnectionOptions,
): Promise<EndReason> => {
  const writer = new Writer(socket);
  try {
    return await serveFrames(socket, writer, options);
  } catch (error) {
    if (error instanceof HandlerFailure) {
      await takeLeave(socket, writer, error);
      options.onFailure(error.cause);
      return printable(error.message);
    }
    if (error instanceof WireError) await takeLeave(socket, writer, error);
    return printable(errorText(error));
  } finally {
    socket.end(() => socket.destroy());
  }
};
