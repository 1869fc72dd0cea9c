/**
 * Makes the load, in a process of its own: requests at a fixed rate, whether the server keeps up or
 * not. The first ones are one of each kind; then the seed picks them by their shares. At the end it
 * reads the results of all messages that were taken and not read yet.
 */
import { setTimeout } from 'node:timers/promises';
import { makeRandom } from '../../../support/random.js';
import { openRaw, type RawClient } from '../raw-client.js';
import { makeHttpClient } from './http-client.js';
import { kinds } from './kinds/all.js';
import type { Kind, Tools } from './kinds/kind.js';
import { ADD, work } from './kinds/work.js';
import { UNANSWERED, type LoadOrder, type LoadReport } from './orders.js';
import { Outcomes } from './outcomes.js';
import { Sends } from './sends.js';
import { subscribe } from './subscribers.js';

const order = JSON.parse(process.argv[2] ?? '') as LoadOrder;
const { port, token, seed, requests, rate } = order;

/** Between looks at the clock. */
const TICK_MS = 5;
/** The server has so long for its last answers. */
const LAST_ANSWERS_MS = 60_000;

const KNOWN_CONNECTIONS = 64;
const STRANGE_CONNECTIONS = 32;

const random = makeRandom(seed);
const known = makeHttpClient(port, { authorization: `Bearer ${token}` }, KNOWN_CONNECTIONS);
const stranger = makeHttpClient(port, {}, STRANGE_CONNECTIONS);
const sends = new Sends();
const outcomes = new Outcomes();
const over = new AbortController();

const raws = new Set<RawClient>();
let mostOpen = 0;

const open = (): RawClient => {
  const raw = openRaw(port);
  raws.add(raw);
  mostOpen = Math.max(mostOpen, raws.size);
  raw.socket.once('close', () => raws.delete(raw));
  return raw;
};

const tools: Tools = { random, token, known, stranger, sends, open, over: over.signal };

const totalShare = kinds.reduce((sum, { share }) => sum + share, 0);

const pick = (number: number): Kind => {
  const first = kinds[number];
  if (first) return first;
  let at = random.below(totalShare);
  return kinds.find(({ share }) => (at -= share) < 0)!;
};

let giveUp: () => void = () => undefined;
const gaveUp = new Promise<string>(resolve => {
  giveUp = () => resolve(UNANSWERED);
});

const perform = async (kind: Kind): Promise<void> => {
  const startedAt = performance.now();
  const outcome = await Promise.race([kind.perform(tools), gaveUp]);
  outcomes.note(kind.name, outcome, performance.now() - startedAt);
};

/** All requests, each in its time. Resolves when all have ended. */
const makeLoad = async (): Promise<{ readonly sent: number; readonly seconds: number }> => {
  const startedAt = performance.now();
  const held: Promise<void>[] = [];
  const others: Promise<void>[] = [];
  let sent = 0;
  while (sent < requests) {
    const due = Math.min(requests, ((performance.now() - startedAt) / 1000) * rate);
    while (sent < due) {
      const kind = pick(held.length + others.length);
      (kind.isHeld ? held : others).push(perform(kind));
      sent += kind.requests ?? 1;
    }
    await setTimeout(TICK_MS);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const late = new AbortController();
  const deadline = setTimeout(LAST_ANSWERS_MS, undefined, { signal: late.signal });
  deadline.then(giveUp, () => undefined);
  await Promise.all(others);
  late.abort();
  over.abort();
  for (const { socket } of raws) socket.destroy();
  await Promise.all(held);
  return { sent, seconds };
};

/** What all the messages have come to. */
const readTotal = async (): Promise<number> => {
  const last = new Sends();
  const { outcome, text } = await known.post('/v1/messages', ADD.replace('[1]', '[0]'));
  if (outcome !== '200') throw Error(`the last message: ${outcome} ${text}`);
  last.accept(text);
  await last.readRest(known);
  return last.report().highest;
};

const subscribers = await subscribe(order);
const { sent, seconds } = await makeLoad();
const blocks = subscribers.end();
await sends.readRest(known);
const report: LoadReport = {
  sent,
  seconds,
  total: await readTotal(),
  sends: sends.report(),
  blocks,
  mostOpen,
  ...outcomes.report(work.map(({ name }) => name)),
};
known.close();
stranger.close();
await new Promise(resolve => process.send?.(report, resolve));
process.disconnect();
