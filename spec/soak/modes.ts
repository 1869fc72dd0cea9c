/**
 * The same random schedules on three swingsets that restart eagerly, lazily and rolling. After each
 * schedule, once every vat has started, each vat has the same state in all three.
 *
 * What differs by design: how often vats started, because one that sleeps through an epoch starts
 * once less, and so the incarnation numbers in the reasons of rejected promises.
 */
import type { PlatformRestartMode } from '../../lib/types/platform-epoch.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import { reportIn, requestReport, rowsOf, type PlayerReport } from './checks.js';
import { Fleet } from './fleet.js';
import type { Host } from './host.js';
import type { VatModel } from './model.js';
import { expectEqual } from './operation.js';
import { noReplays, replayAll, type ReplayTotals } from './replays.js';
import { Rounds } from './rounds.js';

export interface ModesOptions {
  readonly seed: number;
  readonly schedules: number;
  /** Default `xsnap`. */
  readonly worker?: ManagerType;
  /** Asked after each schedule; false ends the run. */
  readonly goesOn?: (schedules: number) => boolean;
}

export interface ModesResult {
  readonly schedules: number;
  readonly cranks: number;
  /** How many states of vats were compared. */
  readonly compared: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly replays: ReplayTotals;
}

const ROUNDS = 5;
const VATS = 5;
/** In a hundred rounds. A schedule has one or more. */
const EPOCHS = 30;

/** Schedules between replays. */
const REPLAY_EVERY = 20;

const MODES: readonly PlatformRestartMode[] = ['eager', 'lazy', 'rolling'];

const withoutNumbers = (report: PlayerReport): unknown => {
  const { incarnations: _starts, ...rest } = report;
  return JSON.parse(
    JSON.stringify(rest, (key, value: unknown) =>
      key === 'incarnationNumber' ? undefined : value,
    ),
  );
};

/** What each vat has, by name: its own report, and the size of its vatstore. */
const statesOf = async (host: Host, vats: readonly VatModel[]): Promise<Map<string, unknown>> => {
  const asked = vats.map(vat => [vat.name, requestReport(host, vat)] as const);
  await host.run();
  return new Map(
    asked.map(([name, kpid]) => {
      const report = withoutNumbers(reportIn(host.answerOf(kpid)));
      return [name, { report, rows: rowsOf(host, name) }];
    }),
  );
};

const compare = async ({ lead, followers }: Fleet, rounds: Rounds): Promise<number> => {
  const vats = [...rounds.model.vats.values()];
  const expected = await statesOf(lead, vats);
  for (const follower of followers) {
    const actual = await statesOf(follower, vats);
    for (const [name, state] of actual) {
      expectEqual(`${name} after restarts in mode ${follower.mode}`, state, expected.get(name));
    }
  }
  return vats.length;
};

/** @throws SoakFailure at the first difference */
export const compareModes = async (options: ModesOptions): Promise<ModesResult> => {
  const { seed, schedules, worker = 'xsnap', goesOn = () => true } = options;
  const [lead, ...followers] = MODES.map(mode => ({ mode, worker }));
  const fleet = await Fleet.start(lead!, followers);
  try {
    const rounds = new Rounds(fleet, { seed, worker, vats: VATS, epochs: EPOCHS });
    await rounds.start();
    let compared = 0;
    const replays = noReplays();
    let done = 0;
    for (let isOver = schedules === 0; !isOver;) {
      const before = rounds.model.epoch;
      for (let round = 0; round < ROUNDS; round += 1) await rounds.round();
      if (rounds.model.epoch === before) await rounds.epoch();
      await rounds.wakeAll();
      compared += await compare(fleet, rounds);
      done += 1;
      isOver = done === schedules || !goesOn(done);
      if (done % REPLAY_EVERY === 0 || isOver) {
        await fleet.each(host => replayAll(host, replays));
      }
    }
    return {
      schedules: done,
      cranks: fleet.lead.crankNumber,
      compared,
      counts: rounds.counts,
      replays,
    };
  } finally {
    await fleet.stop();
  }
};
