/** Scenarios for a timer service, and a vat that plays them on either kernel. */
import type { Timer } from '../../../lib/devices/timer/timer.js';

/** The kernel that the vat is in: `spec/vats/fixtures/timer-user.js` is its bootstrap vat. */
export interface BenchHost {
  ask(method: string, ...args: readonly unknown[]): Promise<unknown>;
  run(): Promise<unknown>;
}

export type Step =
  | readonly ['poll', bigint]
  | readonly ['call', string, string, ...unknown[]]
  | readonly ['nameResult', string]
  | readonly ['release'];

/** Plays steps, and collects what the vat records. */
export class TimerBench {
  readonly #host: BenchHost;
  readonly #poll: Timer['poll'];
  constructor(host: BenchHost, poll: Timer['poll']) {
    this.#host = host;
    this.#poll = poll;
  }

  /** Plays all scenarios one after another. Returns what the vat recorded for each. */
  async playAll(): Promise<Record<string, string[]>> {
    const logs: Record<string, string[]> = {};
    let base = 0n;
    for (const [title, makeSteps] of Object.entries(timerScenarios)) {
      const start = base;
      await this.#host.ask('forget');
      logs[title] = await this.play(makeSteps(time => start + time));
      base += 1000n;
    }
    return logs;
  }

  /** What the vat recorded during the steps. */
  async play(steps: readonly Step[]): Promise<string[]> {
    const log: string[] = [];
    for (const step of steps) {
      if (step[0] === 'poll') {
        try {
          log.push(`poll ${step[1]} ${this.#poll(step[1])}`);
        } catch {
          log.push(`poll ${step[1]} refused`);
        }
        await this.#host.run();
      } else {
        const [method, ...args] = step;
        await this.#host.ask(method, ...args);
      }
      log.push(...((await this.#host.ask('takeLog')) as string[]));
    }
    return log;
  }
}

export const timer = (method: string, ...args: unknown[]): Step => [
  'call',
  '$timer',
  method,
  ...args,
];
export const on = (name: string, method: string, ...args: unknown[]): Step => [
  'call',
  `$${name}`,
  method,
  ...args,
];
export const poll = (now: bigint): Step => ['poll', now];

/** Steps by title; `t` places a time after those of all earlier scenarios. */
export const timerScenarios: Record<string, (t: (time: bigint) => bigint) => readonly Step[]> = {
  'time and its brand': t => [
    timer('getCurrentTimestamp'),
    poll(t(10n)),
    poll(t(10n)),
    poll(t(9n)),
    timer('getCurrentTimestamp'),
    timer('getClock'),
    ['nameResult', 'clock'],
    on('clock', 'getCurrentTimestamp'),
    timer('getTimerBrand'),
    ['nameResult', 'brand'],
    on('clock', 'getTimerBrand'),
    on('brand', 'isMyTimerService', '$timer'),
    on('brand', 'isMyTimerService', '$clock'),
    on('brand', 'isMyClock', '$clock'),
    on('brand', 'isMyClock', '$timer'),
    ['call', '$timerVat', 'createTimerService', '$device'],
  ],
  wakeups: t => [
    poll(t(10n)),
    timer('setWakeup', t(20n), '$a'),
    timer('setWakeup', t(20n), '$b'),
    timer('setWakeup', t(15n), '$c', '$token'),
    timer('setWakeup', t(10n), '$now'),
    timer('setWakeup', t(3n), '$late'),
    timer('setWakeup', t(21n), '$d', '$other'),
    timer('cancel', '$token'),
    timer('cancel', '$unused'),
    timer('cancel'),
    poll(t(19n)),
    poll(t(20n)),
    timer('cancel', '$other'),
    poll(t(30n)),
    timer('setWakeup', t(31n), '$fail'),
    poll(t(32n)),
  ],
  'wakeups that make no sense': t => [
    timer('setWakeup', t(500n)),
    timer('setWakeup', t(500n), 'no object'),
    timer('setWakeup', t(500n), '$a', 'no object'),
    timer('makeRepeater', 5n, 0n),
    timer('makeNotifier', 5n, 0n),
    timer('makeNotifier', 5n, 5n, 'no object'),
    poll(t(600n)),
  ],
  promises: t => [
    poll(t(100n)),
    timer('wakeAt', t(100n)),
    timer('delay', 0n),
    timer('wakeAt', t(105n), '$token'),
    timer('delay', 5n, '$token'),
    poll(t(106n)),
    timer('wakeAt', t(110n), '$token'),
    timer('delay', 5n, '$token'),
    timer('setWakeup', t(110n), '$a', '$token'),
    timer('cancel', '$token'),
    timer('delay', 4),
    poll(t(200n)),
  ],
  repetitions: t => [
    poll(t(100n)),
    timer('repeatAfter', 5n, 10n, '$a', '$token'),
    poll(t(104n)),
    poll(t(105n)),
    poll(t(106n)),
    poll(t(115n)),
    poll(t(141n)),
    timer('cancel', '$token'),
    poll(t(200n)),
    timer('repeatAfter', 5n, 10n, '$fail', '$token'),
    poll(t(205n)),
    poll(t(215n)),
    timer('cancel', '$token'),
    timer('repeatAfter', 0n, 10n, '$hang', '$token'),
    poll(t(225n)),
    poll(t(237n)),
    ['release'],
    poll(t(244n)),
    poll(t(245n)),
    timer('cancel', '$token'),
    ['release'],
    poll(t(300n)),
  ],
  repeaters: t => [
    poll(t(100n)),
    timer('makeRepeater', 5n, 10n),
    ['nameResult', 'repeater'],
    on('repeater', 'schedule', '$a'),
    on('repeater', 'schedule', '$a'),
    poll(t(106n)),
    on('repeater', 'disable'),
    on('repeater', 'disable'),
    poll(t(120n)),
    on('repeater', 'schedule', '$b'),
    poll(t(124n)),
    poll(t(125n)),
    on('repeater', 'disable'),
    timer('makeRepeater', 0n, 10n),
    ['nameResult', 'repeater'],
    on('repeater', 'schedule', '$fail'),
    on('repeater', 'schedule', '$a'),
    on('repeater', 'disable'),
    on('repeater', 'schedule', '$c'),
    poll(t(150n)),
    on('repeater', 'disable'),
  ],
  notifiers: t => [
    poll(t(100n)),
    timer('makeNotifier', 5n, 10n, '$token'),
    ['nameResult', 'notifier'],
    on('notifier', 'getUpdateSince'),
    on('notifier', 'getUpdateSince', 1n),
    poll(t(104n)),
    poll(t(105n)),
    on('notifier', 'getUpdateSince'),
    on('notifier', 'getUpdateSince', 1n),
    poll(t(126n)),
    on('notifier', 'getUpdateSince', 1n),
    on('notifier', 'getUpdateSince', 99n),
    on('notifier', 'getUpdateSince', 3n),
    timer('cancel', '$token'),
    on('notifier', 'getUpdateSince', 3n),
    on('notifier', 'getUpdateSince'),
    timer('makeNotifier', 0n, 10n),
    ['nameResult', 'notifier'],
    on('notifier', 'getUpdateSince'),
  ],
  iterators: t => [
    poll(t(100n)),
    timer('makeNotifier', 5n, 10n, '$token'),
    ['nameResult', 'notifier'],
    on('notifier', '@asyncIterator'),
    ['nameResult', 'one'],
    on('notifier', '@asyncIterator'),
    ['nameResult', 'two'],
    on('one', 'next'),
    on('two', 'next'),
    poll(t(107n)),
    on('one', 'next'),
    on('one', 'next'),
    poll(t(127n)),
    on('two', 'next'),
    on('one', 'next'),
    timer('cancel', '$token'),
    on('one', 'next'),
    on('two', 'next'),
  ],
};
