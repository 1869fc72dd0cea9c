/** Reports of rehearsals that nobody made. */
import type { RehearsalReport, VatRehearsal } from '../../../lib/platform-epoch/rehearsal-types.js';
import { codeID } from '../../support/scripted-kernel.js';

export const supervisor = codeID('supervisor');
export const local = { worker: 'local', engine: undefined, supervisor: undefined } as const;
export const xsnap = { worker: 'xsnap', engine: 'engine 2', supervisor } as const;

/** A vat that restarted. */
export const makeVat = (changes: Partial<VatRehearsal> = {}): VatRehearsal => ({
  vatID: 'v7' as never,
  name: 'seven',
  result: 'restarted',
  error: undefined,
  ms: 20,
  computrons: 12_345,
  incarnation: 3,
  promisesRejected: 4,
  objectsAbandoned: 5,
  objectsHeld: 0,
  abandonedHeld: [],
  importsReclaimed: 6,
  rowsReclaimed: 7,
  parameters: 'retained',
  sleeps: false,
  startedWith: undefined,
  bundleID: undefined,
  critical: false,
  oldPlatform: local,
  newPlatform: xsnap,
  waiting: 0,
  startedAt: 0,
  ...changes,
});
/** A rehearsal in which all went well, without vats. */
export const makeReport = (changes: Partial<RehearsalReport> = {}): RehearsalReport => ({
  storePath: '/a/store',
  from: 1,
  to: 2,
  decision: 'advance',
  mode: 'eager',
  doneBefore: 0,
  canary: undefined,
  queuedEvents: 0,
  queuedByVat: {},
  vats: [],
  ms: 100,
  copyMs: 1_500,
  copyBytes: 65_536,
  problem: undefined,
  left: 0,
  silentDevices: [],
  warnings: [],
  ok: true,
  ...changes,
});
