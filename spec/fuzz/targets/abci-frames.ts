/**
 * The bytes of an engine's connection: frames of requests, as recorded from CometBFT's own encoder.
 * The real connection and application, and a block host that does nothing.
 */
import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { Response } from 'cosmjs-types/tendermint/abci/types.js';
import { makeAbciApplication } from '../../../lib/abci/application.js';
import { serveConnection } from '../../../lib/abci/connection.js';
import { FrameReader } from '../../../lib/abci/framing.js';
import { makeScriptedHost } from '../../abci/scripted-host.js';
import { codeOf, insist } from '../oracle.js';
import { ACCEPTED, type Input, type Target } from '../target.js';

interface Vector {
  readonly message: string;
  readonly kind: string;
  readonly variant: string;
  readonly frame: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../abci/vectors.json', import.meta.url), 'utf8'),
) as readonly Vector[];

const bytesOf = ({ frame }: Vector): string => Buffer.from(frame, 'hex').toString('latin1');

const FLUSH = '\u0002\u0012\u0000';

/** An engine's values; the extreme ones do not all fit. Each is followed by a Flush. */
const requests = vectors.filter(
  ({ message, variant, frame }) =>
    message === 'request' && variant !== 'extreme' && frame.length < 10_000,
);

/** Chunks of the stream. */
const corpus: readonly Input[] = [
  ...requests.map(vector => [bytesOf(vector), FLUSH]),
  [requests.slice(0, 6).map(bytesOf).join(''), FLUSH],
];

class Peer extends Duplex {
  readonly received: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.received.push(chunk);
    done();
  }
}

const MAX_FRAME_BYTES = 1_000_000;

const countFrames = (chunks: readonly Buffer[]): number => {
  const frames: Uint8Array[] = [];
  try {
    const reader = new FrameReader(MAX_FRAME_BYTES);
    for (const chunk of chunks) for (const frame of reader.push(chunk)) frames.push(frame);
  } catch {
    // What came before is counted.
  }
  return frames.length;
};

const asText = (value: Input): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const attempt = async (input: Input): Promise<string> => {
  const texts = Array.isArray(input) ? (input as readonly Input[]).map(asText) : [asText(input)];
  const chunks = texts.map(text => Buffer.from(text, 'latin1'));
  const peer = new Peer();
  const host = makeScriptedHost();
  const failures: unknown[] = [];
  const lines: string[] = [];
  const handle = makeAbciApplication({
    host,
    console: { error: line => lines.push(String(line)) },
  });
  const ended = serveConnection(peer, {
    handle,
    maxFrameBytes: MAX_FRAME_BYTES,
    onFailure: error => failures.push(error),
  });
  for (const chunk of chunks) peer.push(chunk);
  peer.push(null);
  const reason = await ended;
  const reader = new FrameReader(Infinity);
  const responses = peer.received.flatMap(chunk => [...reader.push(chunk)]);
  insist(reader.isBetweenFrames, 'half a response');
  const kinds = responses.map(bytes =>
    Object.entries(Response.decode(bytes)).flatMap(([kind, value]) => (value ? [kind] : [])),
  );
  insist(
    kinds.every(names => names.length === 1),
    'a response of several kinds',
  );
  const answers = kinds.filter(([kind]) => kind !== 'exception').length;
  insist(answers <= countFrames(chunks), 'more responses than requests');
  insist(reason === undefined || !/[\n\r]/.test(reason), 'a reason of several lines');
  insist(
    lines.every(line => !/[\n\r]/.test(line)),
    'a report of several lines',
  );
  const [failure] = failures;
  if (failure !== undefined) return codeOf(failure);
  return reason === undefined ? ACCEPTED : 'CONNECTION_ENDED';
};

export const abciFrames: Target = {
  name: 'abci-frames',
  what: "an ABCI connection, as an engine's bytes",
  form: 'bytes',
  words: [FLUSH, '\u00ff\u00ff\u00ff\u00ff\u0007', '\u0080\u0000', '\u0000', bytesOf(requests[0]!)],
  start: async () => ({ corpus, attempt, end: async () => undefined }),
};
