/** The ambient powers that worker processes need. Entry points pass them on. */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, stat, unlink } from 'node:fs/promises';
import { type } from 'node:os';
import { limitWorkers, readShortages } from './resource-limits.js';
import type { WorkerPowers } from './xsnap-process.js';

export const makeNodeWorkerPowers = (): WorkerPowers => ({
  spawn: limitWorkers(spawn),
  readShortages,
  fs: { open, stat, unlink, createReadStream },
  os: type(),
});
