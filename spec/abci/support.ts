/** A peer as the engine is one, and a block host that does what a spec says. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types.js';
import type { DeepPartial } from 'cosmjs-types/helpers.js';
import { frameHeader, FrameReader } from '../../lib/abci/framing.js';
import { parseAddress } from '../../lib/abci/address.js';

export const encodeRequest = (request: DeepPartial<Request>): Uint8Array =>
  Request.encode(Request.fromPartial(request)).finish();

export const frame = (bytes: Uint8Array): Uint8Array =>
  Buffer.concat([frameHeader(bytes.length), bytes]);

export const frameRequest = (request: DeepPartial<Request>): Uint8Array =>
  frame(encodeRequest(request));

/** The one kind of a response, and its fields. */
export const kindOf = (response: Response | undefined): string =>
  Object.entries(response ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([kind]) => kind)
    .join();

/** One connection to a server. */
export class Peer {
  readonly #responses: Response[] = [];
  readonly #waiting: ((response: Response | undefined) => void)[] = [];
  #isClosed = false;
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    const reader = new FrameReader();
    socket.on('data', (chunk: Buffer) => {
      for (const bytes of reader.push(chunk)) this.#receive(Response.decode(bytes));
    });
    socket.on('error', () => undefined);
    this.closed = new Promise(resolve => {
      socket.on('close', () => {
        this.#isClosed = true;
        for (const wake of this.#waiting.splice(0)) wake(undefined);
        resolve();
      });
    });
  }

  static async connect(address: string): Promise<Peer> {
    const where = parseAddress(address);
    const socket = where.kind === 'unix' ? connect(where.path) : connect(where.port, where.host);
    await once(socket, 'connect');
    return new Peer(socket);
  }

  #receive(response: Response): void {
    const wake = this.#waiting.shift();
    if (wake) wake(response);
    else this.#responses.push(response);
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  send(...requests: readonly DeepPartial<Request>[]): void {
    this.write(Buffer.concat(requests.map(frameRequest)));
  }

  /** The next response; undefined when the connection has ended. */
  async receive(): Promise<Response | undefined> {
    const next = this.#responses.shift();
    if (next || this.#isClosed) return next;
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  async receiveMany(count: number): Promise<(Response | undefined)[]> {
    const responses: (Response | undefined)[] = [];
    for (let index = 0; index < count; index += 1) responses.push(await this.receive());
    return responses;
  }

  /** As the engine asks: the request and a Flush. */
  async ask(request: DeepPartial<Request>): Promise<Response> {
    this.send(request, { flush: {} });
    const response = await this.receive();
    if (!response) throw Error('the connection has ended');
    // An exception is the last response.
    if (!response.exception && kindOf(await this.receive()) !== 'flush') {
      throw Error('expected an answer to Flush');
    }
    return response;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A promise that a spec resolves. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export const makeGate = (): Gate => {
  let open = (): void => undefined;
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  return { opened, open: () => open() };
};
