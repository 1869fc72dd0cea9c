/** The ambient powers that worker processes need. Entry points pass them on. */
import { spawn } from 'node:child_process';
import { type } from 'node:os';
import { limitWorkers, readShortages } from './resource-limits.js';
import type { WorkerPowers } from './xsnap-process.js';

/** Longer than any delivery with a limit takes, also on a machine that is far too busy. */
const SILENCE_SECONDS = 900;

/** XS reads dates without a zone, and shows them, in the zone of its process. Needs no zone files. */
const ZONE_OF_WORKERS = 'UTC0';

/** @param silenceSeconds - after which a worker counts as hung; 0 means never */
export const makeNodeWorkerPowers = (silenceSeconds = SILENCE_SECONDS): WorkerPowers => ({
  spawn: limitWorkers(spawn),
  env: { ...process.env, TZ: ZONE_OF_WORKERS },
  readShortages,
  os: type(),
  silenceLimit: silenceSeconds * 1000,
});
