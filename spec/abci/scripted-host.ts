/** A block host whose answers a spec chooses. It notes what it was asked. */
import type { BlockHost } from '../../lib/host/block-host/types.js';

export interface Call {
  readonly name: keyof BlockHost;
  readonly args: readonly unknown[];
}

export type HostAnswers = {
  [Name in keyof BlockHost]?: (...args: Parameters<BlockHost[Name]>) => ReturnType<BlockHost[Name]>;
};

export interface ScriptedHost extends BlockHost {
  readonly calls: readonly Call[];
}

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

const defaults: BlockHost = {
  info: () => ({
    height: 4,
    appHash: bytes('hash 4'),
    appVersion: 1n,
    platformEpoch: 'upgrade-1',
  }),
  init: async () => ({ appHash: bytes('genesis') }),
  check: () => ({ code: 0, log: '', data: bytes('{}'), priority: 0n, sender: 'swing1' }),
  prepare: txs => txs,
  refuse: () => undefined,
  executeBlock: async ({ txs }) => ({
    appHash: bytes('hash 5'),
    txResults: txs.map(() => ({ code: 0, log: '', data: bytes('[]') })),
    events: [],
    validatorUpdates: [],
  }),
  commit: async () => ({ retainHeight: 0 }),
  query: () => ({ code: 0, log: '', key: bytes('/x'), value: bytes('1'), height: 4 }),
  listSnapshots: () => [],
  load: async () => bytes('chunk'),
  offer: async () => 'accept',
  apply: async () => ({ result: 'accept', refetchChunks: [], rejectSenders: [] }),
  close: async () => undefined,
};

export const makeScriptedHost = (answers: HostAnswers = {}): ScriptedHost => {
  const calls: Call[] = [];
  const functions = Object.entries({ ...defaults, ...answers }) as unknown as readonly (readonly [
    name: keyof BlockHost,
    answer: (...args: readonly unknown[]) => unknown,
  ])[];
  const noted = functions.map(([name, answer]) => [
    name,
    (...args: readonly unknown[]) => {
      calls.push({ name, args });
      return answer(...args);
    },
  ]);
  return { calls, ...Object.fromEntries(noted) } as ScriptedHost;
};
