/** Two vats that call each other: messages, promises, notifications, and a commit per batch. */
import type { Row } from '../harness/types.js';
import type { Swingset, SwingsetConfig } from '../swingset.js';
import { crankRow, NO_SNAPSHOTS, type Workload } from './workload.js';

const BATCHES = 5;
const WARM_UP = 100;
const ROUND_TRIPS = 1000;

const play = async ({ call }: Swingset, roundTrips: number): Promise<number> => {
  let cranks = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    cranks += await call('pinger', 'run', Math.ceil(roundTrips / BATCHES));
  }
  return cranks;
};

export const pingPong = (
  worker: 'xsnap' | 'local',
  schedule: Pick<SwingsetConfig, 'snapshotInitial' | 'snapshotInterval'> = {},
): Workload => ({
  config: { worker, vats: { pinger: 'pinger', ponger: 'ponger' }, ...schedule },
  warmUp: (swingset, { size }) => play(swingset, size(WARM_UP)),
  play: (swingset, { size }) => play(swingset, size(ROUND_TRIPS)),
});

export const pingPongXsnap: Row = crankRow({
  name: 'ping-pong',
  title: 'ping-pong between two xsnap vats',
  workload: pingPong('xsnap'),
  cpuGoal: { aboveLimit: 0.2 },
  limit: 'bare channel',
});

/** What a crank costs by itself: in the row above, each has its share of two heap snapshots. */
export const pingPongUnsaved: Row = crankRow({
  name: 'ping-pong-unsaved',
  title: 'the same, without heap snapshots',
  workload: pingPong('xsnap', NO_SNAPSHOTS),
  cpuGoal: { aboveLimit: 0.2 },
  limit: 'bare channel',
});

export const pingPongLocal: Row = crankRow({
  name: 'ping-pong-local',
  title: 'ping-pong, local workers',
  workload: pingPong('local'),
  limit: 'bare SQLite',
});
