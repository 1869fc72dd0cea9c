/**
 * Restarts vats at a boot with a new epoch: time per vat. The peer, which knows no epochs, upgrades
 * the same vats one by one. Vats of the kernel's own keep their incarnation, so that all that restart
 * are alike.
 */
import { costOf, perUnit, startStopwatch, type Cost } from '../harness/stopwatch.js';
import type { Context, Goal, Line, Row, Sample } from '../harness/types.js';
import { bootSwingset, type Swingset } from '../swingset.js';
import { BUNDLE, fixtureOf, nameOf, vatCount } from './dynamic-vats.js';

interface Variant {
  readonly name: string;
  readonly rows: number;
  readonly concurrency: number;
  readonly goal: Goal;
}

/** Restarts `count` vats. Commits nothing. */
export const timeRestart = async (
  context: Context,
  { concurrency, count }: { readonly concurrency: number; readonly count: number },
) => {
  let read = (): Cost => ({ ms: 0, cpuMs: 0 });
  let cost = read();
  const swingset = await bootSwingset(context, {
    platformEpoch: 2,
    platformRestart: {
      concurrency,
      exempt: ['admin', 'vatAdmin'],
      onRestartProgress: ({ phase }: { readonly phase: string }) => {
        if (phase === 'start') read = startStopwatch();
        else if (phase === 'finish') cost = read();
      },
    },
  });
  const { vats } = swingset.controller.getPlatformRestartReport() as {
    readonly vats: readonly { readonly result: string }[];
  };
  const restarted = vats.filter(({ result }) => result === 'restarted').length;
  if (restarted !== count) throw Error(`${restarted} of ${count} vats restarted`);
  return { swingset, ...perUnit(cost, count) };
};

const upgradeAll = async (context: Context) => {
  const swingset = await bootSwingset(context);
  const count = vatCount(context);
  const cost = await costOf(async () => {
    for (let index = 0; index < count; index += 1) {
      await swingset.call('admin', 'upgrade', nameOf(index), BUNDLE);
    }
  });
  return { swingset, ...perUnit(cost, count) };
};

const finish = async ({
  swingset,
  ms,
  cpuMs,
}: Cost & { readonly swingset: Swingset }): Promise<Sample> => {
  await swingset.close();
  return { wall: ms, cpu: cpuMs };
};

const restart = (context: Context, concurrency: number) =>
  timeRestart(context, { concurrency, count: vatCount(context) });

const restartRow = ({ name, rows, concurrency, goal }: Variant): Row => {
  const size = rows === 0 ? 'no rows' : `${rows} durable and ${rows} virtual rows`;
  const way = concurrency === 1 ? 'serial' : `concurrency ${concurrency}`;
  const wall: Line = { title: `restart at boot, per vat: ${size}, ${way}`, unit: 'ms', goal };
  return {
    name,
    fixture: fixtureOf(rows),
    lines: { wall, cpu: { title: '  CPU of the kernel process', unit: 'ms' } },
    measure: async context =>
      finish(
        context.kernel === 'peer' ? await upgradeAll(context) : await restart(context, concurrency),
      ),
    limit: {
      title: 'bare worker',
      measure: async context => {
        const { swingset } = await restart(context, 1);
        const { measureBareStarts } = await import('../limits/bare-starts.js');
        return measureBareStarts(swingset);
      },
    },
  };
};

const SERIAL: Goal = { timesLimit: 1.3 };
const CONCURRENT: Goal = { timesLimit: 0.8 };

export const restarts: readonly Row[] = [
  { name: 'restart', rows: 0, concurrency: 1, goal: SERIAL },
  { name: 'restart-concurrent', rows: 0, concurrency: 2, goal: CONCURRENT },
  { name: 'restart-rows', rows: 200, concurrency: 1, goal: SERIAL },
  { name: 'restart-rows-concurrent', rows: 200, concurrency: 2, goal: CONCURRENT },
].map(restartRow);
