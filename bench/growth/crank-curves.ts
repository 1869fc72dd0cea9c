/** Cost per crank in stores of growing size: ping-pong of local vats, whose cost is the kernel's. */
import { costOf, perUnit } from '../harness/stopwatch.js';
import type { Context, Fixture, Sample } from '../harness/types.js';
import { pingPong } from '../rows/ping-pong.js';
import { bootSwingset, startSwingset, type SwingsetConfig } from '../swingset.js';
import { addClistEntries, addRows, addVats, ROW_BYTES } from './fill-store.js';
import type { Curve } from './types.js';

const workload = pingPong('local');

const config: SwingsetConfig = {
  ...workload.config,
  vats: { ...workload.config.vats, hoard: 'hoard' },
};

/** Rows of the vat `hoard` that a crank reads and writes. */
const TOUCHED = 200;
const TOUCHES = 20;

const fixtureOf = (name: string, fill: (context: Context) => Promise<void>): Fixture => ({
  name,
  make: async context => {
    const swingset = await startSwingset(context, config);
    await swingset.call('hoard', 'fill', TOUCHED);
    await swingset.close();
    await fill(context);
  },
});

const measure = async (context: Context): Promise<Sample> => {
  const swingset = await bootSwingset(context, { warehousePolicy: { maxVatsOnline: 10 } });
  await workload.warmUp(swingset, context);
  let cranks = 0;
  const cost = await costOf(async () => {
    cranks = await workload.play(swingset, context);
  });
  const touches = context.size(TOUCHES);
  const touching = await costOf(async () => {
    for (let time = 0; time < touches; time += 1) {
      await swingset.call('hoard', 'touch', TOUCHED, `value ${time}`);
    }
  });
  await swingset.close();
  const { ms, cpuMs } = perUnit(cost, cranks);
  return { wall: ms, cpu: cpuMs, touch: perUnit(touching, touches).ms, boot: swingset.boot.ms };
};

const lines = {
  wall: 'ping-pong, per crank',
  cpu: 'ping-pong, CPU per crank',
  touch: '200 gets, 200 sets and a commit',
  boot: 'boot',
} as const;

/** Issue 16: the cost of a crank stays within 20 %. */
const flat = ['wall', 'cpu', 'touch'] as const;

const curveOf = (
  curve: Pick<Curve, 'title' | 'axis' | 'points' | 'quickPoints'> & { readonly name: string },
  fill: (context: Context) => Promise<void>,
): Curve => {
  const { name, ...rest } = curve;
  const fixture = fixtureOf(`grown-${name}`, fill);
  return { job: { name, fixture, inPlace: true, measure }, lines, flat, ...rest };
};

const MEGABYTE = 1_000_000;

export const crankCurves: readonly Curve[] = [
  curveOf(
    {
      name: 'growth-vats',
      title: 'Cost of a crank by number of vats',
      axis: 'vats',
      points: [10, 100, 1000, 10_000],
      quickPoints: [10, 100],
    },
    context => addVats(context, context.at, 'ponger'),
  ),
  curveOf(
    {
      name: 'growth-clist',
      title: 'Cost of a crank by entries in two c-lists',
      axis: 'c-list entries',
      points: [1000, 10_000, 100_000, 1_000_000],
      quickPoints: [1000, 10_000],
    },
    context => addClistEntries(context, context.at, { exporter: 'hoard', importer: 'ponger' }),
  ),
  curveOf(
    {
      name: 'growth-store',
      title: 'Cost of a crank by size of the store',
      axis: 'MB',
      points: [1, 100, 1000, 10_000],
      quickPoints: [1, 20],
    },
    context => addRows(context, Math.round((context.at * MEGABYTE) / ROW_BYTES), 'hoard'),
  ),
];
