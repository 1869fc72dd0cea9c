/** Random deaths of a node: `kill -9` from outside, or by itself at a moment of a block. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/processes.js';
import type { Random } from '../../support/random.js';
import { blockMoments } from './moments.js';
import type { ChainNode } from './node.js';

const ways = ['app', 'engine', 'both', 'snapshot', ...blockMoments] as const;
type Way = (typeof ways)[number];

/** A snapshot that is being written has no final name yet. */
const isSnapshotting = ({ home }: ChainNode): boolean => {
  const path = join(home, 'data/snapshots');
  return existsSync(path) && readdirSync(path).some(name => !/^\d+$/.test(name));
};

/**
 * Kills the application of a mortal node, its engine, or both, and resolves when that is done. The
 * node's command starts them again.
 */
export const killOnce = async (node: ChainNode, random: Random): Promise<Way> => {
  const way = random.pick(ways) ?? 'app';
  await delay(random.below(1500));
  if (way === 'snapshot') {
    await until(() => isSnapshotting(node));
    await delay(random.below(50));
    node.kill('app');
  } else if (way === 'app' || way === 'engine' || way === 'both') {
    await until(() => node.kill(way));
  } else {
    node.dieAt(way);
    await until(() => node.hasDied);
  }
  return way;
};

/** How often each way was taken. */
export class KillCounts {
  readonly #counts: Record<string, number> = {};

  add(way: Way): void {
    this.#counts[way] = (this.#counts[way] ?? 0) + 1;
  }

  get total(): number {
    return Object.values(this.#counts).reduce((sum, each) => sum + each, 0);
  }

  toString(): string {
    return JSON.stringify(this.#counts);
  }
}
