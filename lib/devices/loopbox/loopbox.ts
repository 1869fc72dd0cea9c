/** The host's half of the loopbox device, for tests of comms. */
import { BadOptionError } from '../../errors.js';
import { deviceSourcePath } from '../source-path.js';

export interface LoopboxDevice {
  /** Delivers the oldest queued message. Returns false when there is none. */
  passOneMessage(): boolean;
  /** For `config.devices.loopbox.sourceSpec`; `parameters.senders` lists the peers. */
  readonly loopboxSrcPath: string;
  /** For `deviceEndowments.loopbox`. */
  readonly loopboxEndowments: {
    registerPassOneMessage(callback: () => boolean): void;
    readonly deliverMode: 'immediate' | 'queued';
  };
}

/**
 * Builds a loopbox device.
 * @param deliverMode `immediate`, or `queued`: each message waits for a `passOneMessage()`
 * @throws BadOptionError for any other mode
 */
export const buildLoopbox = (deliverMode: 'immediate' | 'queued'): LoopboxDevice => {
  const modes: readonly unknown[] = ['immediate', 'queued'];
  if (!modes.includes(deliverMode)) {
    throw new BadOptionError('deliverMode', deliverMode, "'immediate' or 'queued'");
  }
  let registered: (() => boolean) | undefined;
  return harden({
    passOneMessage: () => registered?.() ?? false,
    loopboxSrcPath: deviceSourcePath('loopbox/device-loopbox.js'),
    loopboxEndowments: {
      registerPassOneMessage: (callback: () => boolean) => {
        registered = callback;
      },
      deliverMode,
    },
  } satisfies LoopboxDevice);
};
