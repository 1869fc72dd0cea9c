/** Everything that takes data from outside, one fuzzer each. */
import { abciFrames } from './targets/abci-frames.js';
import { capdata } from './targets/capdata.js';
import { configuration } from './targets/configuration.js';
import { http } from './targets/http.js';
import { importArtifacts } from './targets/import.js';
import { ledger } from './targets/ledger.js';
import { syscalls } from './targets/syscalls.js';
import { transactions } from './targets/transactions.js';
import { workerProtocol } from './targets/worker-protocol.js';
import type { Target } from './target.js';

export const targets: readonly Target[] = [
  workerProtocol,
  syscalls,
  capdata,
  configuration,
  importArtifacts,
  ledger,
  abciFrames,
  transactions,
  http,
];
