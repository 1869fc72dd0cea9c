import { fileURLToPath } from 'node:url';
import { SwingsetError } from '../../errors.js';

/** The host polled before a controller started the device. */
export class TimerNotStartedError extends SwingsetError {
  readonly code = 'TIMER_NOT_STARTED';
  constructor() {
    super('poll() needs a running timer device: make a controller with its endowments first');
  }
}

type PollFunction = (now: bigint | number) => boolean;

export interface TimerEndowments {
  registerDevicePollFunction(poll: PollFunction): void;
}

/** The host's half of the timer device: gives vats a source of time. */
export interface Timer {
  /** `config.devices.timer.sourceSpec`. */
  readonly srcPath: string;
  /** `deviceEndowments.timer`. */
  readonly endowments: TimerEndowments;
  /**
   * Sets the time, in a unit of the host's choice. Call it while the kernel is idle. Returns true
   * when it queued work.
   *
   * @throws TimerNotStartedError before the device runs; RangeError when time goes backwards
   */
  poll(this: void, now: bigint | number): boolean;
}

/** Builds a timer for one controller. Source: SwingSet's `timer.md`. */
export const buildTimer = (): Timer => {
  let devicePoll: PollFunction | undefined;
  return Object.freeze({
    srcPath: fileURLToPath(new URL('./device-timer.js', import.meta.url)),
    endowments: Object.freeze({
      registerDevicePollFunction(poll: PollFunction) {
        devicePoll = poll;
      },
    }),
    poll(now: bigint | number) {
      if (!devicePoll) throw new TimerNotStartedError();
      return devicePoll(now);
    },
  });
};
