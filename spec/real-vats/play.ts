/** Plays the acts of `scenario.js` on this kernel. */
import { startLife, type Life, type LifeOptions, type RebootOptions } from '../support/swingset.js';
import { readConfig, type Clock } from './markets.js';

export const powersOf = (life: Life, clock: Clock) => ({
  call: (vat: string, method: string, ...args: unknown[]) => life.call(vat, method, ...args),
  passTime: async (seconds: number) => {
    clock.advance(seconds);
    await life.run();
  },
});

/** Boots the swingset of `swingset.json` in `path`, new or not, and runs what is queued. */
export const bootMarkets = async (
  path: string,
  clock: Clock,
  { initialization, ...options }: RebootOptions & Pick<LifeOptions, 'initialization'>,
): Promise<Life> => {
  const life = await startLife({
    config: await readConfig(clock),
    store: { path },
    deviceEndowments: { timer: clock.endowments },
    initialization: { addTimer: true, ...initialization },
    ...options,
  });
  await life.run();
  return life;
};
