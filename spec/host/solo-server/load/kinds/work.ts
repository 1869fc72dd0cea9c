/** What clients in good faith do. */
import type { Kind, Tools } from './kind.js';

export const ADD = JSON.stringify({ vat: 'tally', method: 'add', args: [1] });

const send = async ({ known, sends }: Tools): Promise<string> => {
  const { outcome, text } = await known.post('/v1/messages', ADD);
  if (outcome === '200') sends.accept(text);
  if (outcome === 'closed') sends.leave();
  return outcome;
};

const readResult = async ({ known, sends }: Tools): Promise<string> => {
  const kpid = sends.take();
  // Nothing was sent yet that is not read.
  if (kpid === undefined) return (await known.ask('/v1/status')).outcome;
  const { outcome, text } = await known.ask(`/v1/results/${kpid}?wait=20`);
  if (outcome === '200') sends.read(kpid, text);
  return outcome;
};

const read =
  (path: string) =>
  async ({ known }: Tools): Promise<string> =>
    (await known.ask(path)).outcome;

export const work: readonly Kind[] = [
  { name: 'send', share: 180, promised: ['200'], allowed: ['503'], perform: send },
  { name: 'result', share: 200, promised: ['200'], perform: readResult },
  { name: 'status', share: 60, promised: ['200'], perform: read('/v1/status') },
  { name: 'vats', share: 20, promised: ['200'], perform: read('/v1/vats') },
  { name: 'metrics', share: 10, promised: ['200'], perform: read('/metrics') },
  {
    name: 'health, no token',
    share: 50,
    promised: ['200'],
    allowed: ['closed'],
    perform: async ({ stranger }) => (await stranger.ask('/health')).outcome,
  },
];
