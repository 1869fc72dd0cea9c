/**
 * Crashes at every point of a restart, and at every point of each boot that follows a crash, and so on:
 * what a crash leaves is one of a few states, and a boot depends on nothing else, so each state is
 * gone on from once. That covers every pair of points, and every longer row of them.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { kernelChecks } from '../../../lib/cli/store-checks.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { verifyStore } from '../../../lib/store/verify.js';
import type { PlatformRestartMode } from '../../../lib/types/platform-epoch.js';
import { bootAndLook, prepareStore } from '../../platform-epoch/support/crash.js';
import type { Outcome, StoreOptions } from '../../platform-epoch/support/crash.js';
import { watchImages } from './images.js';
import { runtimeOptionsWithPoints, withPoints } from './points.js';
import { digestOf } from './power-order.js';
import { layFiles, type Files } from './simulated-disk.js';

export interface ExploreOptions extends Omit<StoreOptions, 'path'> {
  readonly mode: PlatformRestartMode;
  readonly withCheckpoint: boolean;
  readonly blocks: number;
}

export interface Explored {
  /** Points of the undisturbed run, by name. */
  readonly points: Readonly<Record<string, number>>;
  /** Ordered pairs: a point of the first run, and a point of the run after a crash there. */
  readonly pairs: number;
  /** Different states that crashes left, the first and the last included. */
  readonly states: number;
  readonly problems: readonly string[];
}

interface Life {
  readonly outcome: Outcome;
  /** The names of all points, and the digest of the state that a crash there leaves. */
  readonly points: readonly { readonly name: string; readonly digest: string }[];
}

interface State {
  readonly files: Files;
  /** How a crash came to it. */
  readonly how: string;
}

const digestOfStore = async (path: string): Promise<string> => {
  const store = openSwingStore(path, { mustExist: true });
  try {
    return digestOf(store);
  } finally {
    await store.hostStorage.close();
  }
};

export const explore = async (options: ExploreOptions): Promise<Explored> => {
  const home = mkdtempSync(join(tmpdir(), 'swingset-kernel-points-'));
  const problems: string[] = [];
  const states = new Map<string, State>();
  let laid = 0;

  const lay = (files: Files): string => {
    laid += 1;
    const path = join(home, `${laid}`);
    layFiles(path, files);
    return path;
  };

  /** The digest of an image, by its hash; a new one is a state to go on from. */
  const digests = new Map<string, string>();
  const digestOfImage = async (hash: string, files: Files, how: string): Promise<string> => {
    const known = digests.get(hash);
    if (known !== undefined) return known;
    const path = lay(files);
    const digest = await digestOfStore(path);
    const { problems: found } = await verifyStore(path, { checks: kernelChecks });
    problems.push(...found.map(({ thing, detail }) => `${how}: ${thing}: ${detail}`));
    rmSync(path, { recursive: true });
    digests.set(hash, digest);
    if (!states.has(digest)) states.set(digest, { files, how });
    return digest;
  };

  const live = async (path: string, how: string): Promise<Life> => {
    const passed: { name: string; hash: string }[] = [];
    let images: ReturnType<typeof watchImages> | undefined;
    const point = (name: string): void => {
      images ??= watchImages(path);
      passed.push({ name, hash: images.take() });
    };
    const outcome = await bootAndLook({
      ...options,
      path,
      platformEpoch: 2,
      faultPoint: point,
      wrapStore: store => withPoints(store, point),
      runtimeOptions: runtimeOptionsWithPoints(point),
    });
    images?.close();
    const points: { name: string; digest: string }[] = [];
    for (const [index, { name, hash }] of passed.entries()) {
      const files = images!.images.get(hash)!;
      const digest = await digestOfImage(hash, files, `${how}, crash at point ${index} (${name})`);
      points.push({ name, digest });
    }
    return { outcome, points };
  };

  try {
    const original = join(home, 'original');
    await prepareStore({ ...options, path: original });
    const path = join(home, 'undisturbed');
    cpSync(original, path, { recursive: true });
    const first = await live(path, 'first run');
    const { restarted: _all, ...undisturbed } = first.outcome;

    /** Points of the run that follows a crash which left the state. */
    const pointsAfter = new Map<string, number>();
    for (;;) {
      const next = [...states].find(([digest]) => !pointsAfter.has(digest));
      if (!next) break;
      const [digest, { files, how }] = next;
      const resumed = lay(files);
      try {
        const { outcome, points } = await live(resumed, how);
        const { restarted: _left, ...reached } = outcome;
        if (!isDeepStrictEqual(reached, undisturbed)) problems.push(`${how}: comes to another end`);
        pointsAfter.set(digest, points.length);
      } catch (error) {
        problems.push(`${how}: the next boot rejects with ${String(error)}`);
        pointsAfter.set(digest, 0);
      }
      rmSync(resumed, { recursive: true });
    }

    const points: Record<string, number> = {};
    for (const { name } of first.points) points[name] = (points[name] ?? 0) + 1;
    const pairs = first.points.reduce((sum, { digest }) => sum + pointsAfter.get(digest)!, 0);
    return { points, pairs, states: states.size, problems };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};
