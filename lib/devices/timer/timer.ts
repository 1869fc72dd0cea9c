import { fileURLToPath } from 'node:url';
import { SwingsetError } from '../../errors.js';

/** The host polled before a controller had started the device. */
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

/** What a host needs to give vats a source of time. */
export interface Timer {
  /** `config.devices.timer.sourceSpec`. */
  readonly srcPath: string;
  /** `deviceEndowments.timer`. */
  readonly endowments: TimerEndowments;
  /**
   * Tells the time, in any unit, while the kernel is idle. Returns true when that queued work.
   *
   * @throws TimerNotStartedError before the device runs; RangeError when time goes backwards.
   */
  poll(this: void, now: bigint | number): boolean;
}

/** A timer for one controller; see SwingSet's `timer.md`. */
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
