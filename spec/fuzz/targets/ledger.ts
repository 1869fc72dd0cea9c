/**
 * The rows of the epoch ledger, and a boot on them, on the real kernel with vats that are functions.
 * A refusal has a code and writes nothing. A boot that is not refused starts each vat once at most.
 */
import '../without-mocha.js';
import { checkFields } from '../../../lib/controller/validate.js';
import { readEpochLedger } from '../../../lib/platform-epoch/ledger.js';
import { startScripted, type ScriptedKernel } from '../../support/scripted-kernel.js';
import { insist, resultOf } from '../oracle.js';
import { ACCEPTED, type Input, type Session, type Target } from '../target.js';
import { runHooks } from '../without-mocha.js';

const LEDGER = 'platformEpoch.ledger';
const DONE = 'platformEpoch.done';
const GIVEN = 'platformEpoch.given';
const ROLLING = 'platformEpoch.rolling';

const fingerprint = {
  engine: 'engine 1',
  lockdown: `b1-${'6c6f636b646f776e'.padEnd(128, '0')}`,
  supervisor: `b1-${'73757065727669736f72'.padEnd(128, '0')}`,
  platform: 'stock',
  imageBundles: [],
  serveImportBundle: false,
};

const record = (epoch: string | number, more: { readonly [name: string]: Input } = {}): Input => ({
  epoch,
  kind: typeof epoch === 'number' ? 'number' : 'name',
  startedAtCrank: 3,
  status: 'complete',
  fingerprint,
  options: { mode: 'eager', onVatFailure: 'suspend', exempt: [] },
  ...{ restarted: 3, suspended: 0, failed: 0, terminated: 0, exempt: 0 },
  ...more,
});
const baseline = (epoch: string | number): Input => record(epoch, { status: 'baseline' });
const unfinished = (epoch: string | number): Input => record(epoch, { status: 'in-progress' });

/** Rows: a text as it is stored, other data as JSON. And the options of the boot. */
const corpus: readonly Input[] = [
  { rows: { [LEDGER]: [baseline(1)] }, boot: { platformEpoch: 1 } },
  { rows: { [LEDGER]: [baseline(1), record(2)] }, boot: { platformEpoch: 3 } },
  {
    rows: { [LEDGER]: [baseline('spring')] },
    boot: { platformEpoch: 'summer', platformRestart: { mode: 'lazy' } },
  },
  {
    rows: { [LEDGER]: [baseline(1), unfinished(2)], [DONE]: 'v2' },
    boot: { platformEpoch: 2 },
  },
  {
    rows: {
      [LEDGER]: [baseline(1), unfinished(2)],
      [DONE]: 'v1',
      [GIVEN]: ['v2', 'v3'],
    },
    boot: { platformEpoch: 3, platformRestart: { exempt: ['alice'] } },
  },
  {
    rows: {
      [LEDGER]: [
        baseline('a'),
        record('b', { options: { mode: 'rolling', onVatFailure: 'suspend', exempt: [] } }),
      ],
      [ROLLING]: { total: 2 },
    },
    boot: { platformEpoch: 'b' },
  },
];

type Bag = Readonly<Record<string, unknown>>;
const bagOf = (value: unknown): Bag =>
  typeof value === 'object' && value !== null ? (value as Bag) : {};

const dump = ({ kernelStorage: { kvStore } }: ScriptedKernel): string => {
  const rows: string[] = [];
  for (let key = kvStore.getNextKey(''); key !== undefined; key = kvStore.getNextKey(key)) {
    rows.push(`${key}=${kvStore.get(key)}`);
  }
  return rows.join('\n');
};

const storeRows = ({ kernelStorage: { kvStore } }: ScriptedKernel, rows: Bag): void => {
  for (const [key, value] of Object.entries(rows)) {
    // Rows of other tables are not what is tried here.
    if (!key.startsWith('platformEpoch.') || value === null) continue;
    kvStore.set(key, typeof value === 'string' ? value : JSON.stringify(value));
  }
};

const attempt = async (input: Input): Promise<string> => {
  const { rows, boot } = bagOf(input);
  const options = bagOf(boot);
  // As the controller checks them.
  const given = await resultOf(() => {
    checkFields('runtime-options', options, 'options', { strict: true });
  });
  if ('code' in given) return given.code;
  const scripted = await startScripted({
    vats: { vatAdmin: {}, alice: {}, bob: {} },
    checkAtEnd: false,
  });
  await scripted.kernel.run();
  await scripted.kernel.shutdown();
  scripted.kernelStorage.kvStore.delete(LEDGER);
  storeRows(scripted, bagOf(rows));
  const read = await resultOf(() => readEpochLedger(scripted.kernelStorage));
  const before = dump(scripted);
  scripted.told.length = 0;
  const booted = await resultOf(() => scripted.boot(options));
  if ('code' in booted) {
    insist(dump(scripted) === before, `${booted.code}, and rows are changed`);
    return booted.code;
  }
  insist('value' in read, `a boot on a ledger that can't be read`);
  const ran = await resultOf(() => booted.value.run());
  const starts = scripted.told.filter(line => line.endsWith(' startVat'));
  insist(new Set(starts).size === starts.length, `a vat started twice: ${starts.join()}`);
  return 'code' in ran ? ran.code : ACCEPTED;
};

const start = async (): Promise<Session> => ({
  corpus,
  attempt: async input => {
    try {
      return await attempt(input);
    } finally {
      await runHooks();
    }
  },
  end: runHooks,
});

export const ledger: Target = {
  name: 'ledger',
  what: 'the rows of the epoch ledger, and a boot on them',
  words: [
    ...['baseline', 'in-progress', 'complete', 'eager', 'lazy', 'rolling', 'name', 'number', 'v1'],
    ...['v2', 'v3', 'v99', 'alice', 'platformRestart', 'platformEpoch', 'platformEpochKindChange'],
    ...['allow', 'requireEmptyQueue', 'suspend', 'panic', 'terminate', 'spring', 'stock', 'own'],
    ...['vatParameters', 'assumeEngine', 'onVatFailure', 'concurrency', 'engine', 'engine 1', '[]'],
    ...[LEDGER, DONE, GIVEN, ROLLING, 'platformEpoch.maybeFree', 'platformEpoch.waitingVats'],
  ],
  start,
};
