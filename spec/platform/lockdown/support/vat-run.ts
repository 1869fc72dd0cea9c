/** One vat from its start to its BOYD, in a bare worker. */
import { makeNodeWorkerPowers } from '../../../../lib/platform/node-powers.js';
import { startXsnapProcess } from '../../../../lib/platform/xsnap-process.js';
import type { Bundle } from '../../../../lib/store/types.js';

export interface VatRun {
  readonly replies: readonly unknown[];
  readonly syscalls: readonly string[];
  /** Those of `startVat`. */
  readonly computrons: number;
}

/** A vatstore and nothing else. */
const makeHandler = (syscalls: string[]): ((request: Buffer) => string) => {
  const rows = new Map<string, string>();
  const answer = ([name, key = '', value = '']: readonly string[]): string | null => {
    switch (name) {
      case 'vatstoreGet':
        return rows.get(key) ?? null;
      case 'vatstoreGetNextKey':
        return [...rows.keys()].sort().find(each => each > key) ?? null;
      case 'vatstoreSet':
        rows.set(key, value);
        return null;
      case 'vatstoreDelete':
        rows.delete(key);
        return null;
      default:
        return null;
    }
  };
  return request => {
    const [kind, syscall] = JSON.parse(request.toString()) as [string, string[]];
    if (kind !== 'syscall') return 'null';
    syscalls.push(JSON.stringify(syscall));
    return JSON.stringify(['ok', answer(syscall)]);
  };
};

export const runVat = async (image: Uint8Array, bundle: Bundle): Promise<VatRun> => {
  const syscalls: string[] = [];
  const replies: unknown[] = [];
  const worker = startXsnapProcess({
    powers: makeNodeWorkerPowers(),
    name: 'vat',
    meteringLimit: 1_000_000_000,
    handleCommand: makeHandler(syscalls),
    snapshot: {
      stream: (async function* () {
        yield image;
      })(),
      description: 'image',
    },
  });
  const command = async (...message: unknown[]): Promise<number> => {
    const { reply, compute } = await worker.command(JSON.stringify(message));
    replies.push(JSON.parse(reply.toString()));
    return compute ?? 0;
  };
  const message = (method: string, result: string): unknown => [
    'message',
    'o+0',
    { methargs: { body: `#${JSON.stringify([method, []])}`, slots: [] }, result },
  ];
  try {
    await worker.isReady();
    await command('setBundle', 'v9', bundle, { enableDisavow: false, relaxDurabilityRules: false });
    const computrons = await command('deliver', ['startVat', { body: '#{}', slots: [] }]);
    await command('deliver', message('noSuchMethod', 'p-60'));
    await command('deliver', ['bringOutYourDead']);
    return { replies, syscalls, computrons };
  } finally {
    await worker.kill();
  }
};
