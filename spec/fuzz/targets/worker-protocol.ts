/**
 * The bytes that a worker process writes: netstrings, tags, JSON. The real channel and the real
 * worker, and a process that writes what the input says: its first text when it is asked whether it
 * is ready, the next when it gets the vat's bundle, and one more for each later message of the kernel.
 * It ends when it has no more to say, or when the kernel waits for more than it says.
 */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { makeNetstringReader, netstringOf } from '../../../lib/platform/netstrings.js';
import type { WorkerPowers } from '../../../lib/platform/xsnap-process.js';
import { parseVatID } from '../../../lib/types/ids.js';
import type { VatDelivery, VatSyscallHandler } from '../../../lib/types/messages.js';
import { startXsnapWorker } from '../../../lib/workers/xsnap-worker.js';
import { codeOf, insist } from '../oracle.js';
import { ACCEPTED, type Input, type Target } from '../target.js';

/** Texts that stand for bytes: what the process writes, turn by turn. */
type Script = readonly string[];

const MESSAGES_IN = 3;
const MESSAGES_OUT = 4;
const HEAP_OUT = 7;
const HEAP_IN = 8;

/** Turns of the event loop after which a process that hears nothing ends. */
const MOST_IDLE = 20;

const READY = netstringOf('.', '');
const done = (reply: unknown): string =>
  netstringOf('.', `{"compute":7}\u0001${JSON.stringify(reply)}`);
const request = (item: unknown): string => netstringOf('?', JSON.stringify(item));
const ok = done(['ok', null, null]);
const accepted = done(['dispatchReady', 'unchecked']);

const SYSCALLS = [
  ['vatstoreSet', 'a', '1'],
  ['send', 'o-50', { methargs: { body: '#["hi",[]]', slots: [] }, result: 'p+5' }],
];

/** Each delivers twice. */
const corpus: readonly Script[] = [
  [READY, accepted, ok, ok],
  [READY, done(['dispatchReady']), done(['error', 'no', null]), done(['err', 'TypeError', 'no'])],
  [READY, accepted, request(['syscall', SYSCALLS[0]]), ok, ok],
  [READY, accepted, request(['syscall', ...SYSCALLS]), ok, done(['ok', null, null, ...SYSCALLS])],
  [READY, accepted, request(['sourcedConsole', 'vat', 'log', 'a', 1]), ok, ok],
  [READY, accepted, request(['testLog', 'a', {}]), ok, netstringOf('.', '["ok",null,null]')],
];

const isScript = (input: Input): input is Script =>
  Array.isArray(input) && input.every(text => typeof text === 'string');

const makeProcess = (script: Script): WorkerPowers['spawn'] => {
  const spawn = (): unknown => {
    const [toWorker, fromWorker] = [new PassThrough(), new PassThrough()];
    const heapIn = new PassThrough();
    const child = Object.assign(new EventEmitter(), { pid: 4, stderr: new PassThrough() });
    let ended = false;
    const end = (code: number | null, signal: string | null): void => {
      if (ended) return;
      ended = true;
      // The pipe's last bytes come before its end, as from a real process.
      fromWorker.end();
      setImmediate(() => {
        fromWorker.destroy();
        child.emit('exit', code, signal);
      });
    };
    let turn = 0;
    let idle = 0;
    const watch = (): void => {
      idle += 1;
      if (idle > MOST_IDLE) end(0, null);
      else if (!ended) setImmediate(watch);
    };
    setImmediate(watch);
    const take = makeNetstringReader({
      maxBytes: Infinity,
      replace: () => undefined,
      onMessage: () => {
        const text = script[turn];
        turn += 1;
        idle = 0;
        if (text === undefined) end(0, null);
        else fromWorker.write(Buffer.from(text, 'latin1'));
      },
    });
    toWorker.on('data', (chunk: Buffer) => take.push(chunk));
    heapIn.resume();
    const stdio: unknown[] = [null, null, child.stderr];
    stdio[MESSAGES_IN] = toWorker;
    stdio[MESSAGES_OUT] = fromWorker;
    stdio[HEAP_OUT] = new PassThrough();
    stdio[HEAP_IN] = heapIn;
    return Object.assign(child, { stdio, kill: () => (end(null, 'SIGKILL'), true) });
  };
  return spawn as WorkerPowers['spawn'];
};

const BUNDLE = { moduleFormat: 'getExport', source: '' } as const;

async function* noHeap(): AsyncIterableIterator<Uint8Array> {}

const DELIVERY: VatDelivery = ['bringOutYourDead'];

const isUsage = (usage: unknown): boolean =>
  usage === null ||
  (typeof usage === 'object' &&
    Number.isSafeInteger((usage as { compute?: unknown }).compute) &&
    (usage as { compute: number }).compute >= 0);

const attempt = async (input: Input): Promise<string> => {
  const script = isScript(input) ? input : ['', '', JSON.stringify(input)];
  const handle: VatSyscallHandler = syscall =>
    Array.isArray(syscall) && syscall[0] === 'vatstoreGet' ? ['error', 'no'] : ['ok', null];
  const texts: string[] = [];
  const worker = await startXsnapWorker(
    {
      from: 'image',
      image: { stream: noHeap(), description: 'none' },
      vat: { bundle: BUNDLE, options: { enableDisavow: false, relaxDurabilityRules: false } },
    },
    {
      vatID: parseVatID('v1'),
      name: 'fuzzed',
      checkBundle: () => undefined,
      meteringLimit: 0,
      powers: {
        spawn: makeProcess(script),
        env: {},
        readShortages: () => ({ memory: undefined, stack: undefined }),
        os: 'Linux',
        silenceLimit: 0,
      },
      output: {
        console: (source, level, args) => texts.push(source, level, ...(args as string[])),
        testLog: args => texts.push(...args),
      },
    },
  );
  let outcome = ACCEPTED;
  try {
    for (let count = 0; count < 2; count += 1) {
      const [status, problem, usage] = await worker.deliver(DELIVERY, handle);
      insist(isUsage(usage), `a delivery used ${JSON.stringify(usage)}`);
      if (status === 'ok') insist(problem === null, 'a good delivery with a problem');
      else {
        insist(typeof problem === 'string', 'a problem that is no text');
        if (!problem?.startsWith('no') && !problem?.startsWith('TypeError')) outcome = 'FAULT';
      }
    }
  } finally {
    await worker.shutdown();
  }
  insist(
    texts.every(text => typeof text === 'string'),
    'a console got what is no text',
  );
  return outcome;
};

export const workerProtocol: Target = {
  name: 'worker-protocol',
  what: 'the channel to a worker, from the bytes to the result of a delivery',
  form: 'bytes',
  words: [
    ...['12000001:', '0:,', '1:.,', '1:!,', '3:?[],', '\u0001', '["syscall"]', '["ok",null,null]'],
    ...['{"toString":1,"valueOf":1}', '{"compute":-1}', '{"compute":"7"}', 'null', '[[[[[[', '}'],
  ],
  start: async () => ({
    corpus,
    attempt: async input => {
      try {
        return await attempt(input);
      } catch (error) {
        return codeOf(error);
      }
    },
    end: async () => undefined,
  }),
};
