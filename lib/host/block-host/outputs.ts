/** What devices have for the world outside. It leaves after the commit, and never before. */

export type DeviceOutput =
  | {
      readonly type: 'bridge';
      readonly port: string;
      /** JSON. */
      readonly message: unknown;
    }
  | {
      readonly type: 'mailbox';
      readonly peer: string;
      readonly num: number;
      readonly body: string;
    }
  | {
      /** Vats have received the peer's messages up to this number. */
      readonly type: 'mailbox-ack';
      readonly peer: string;
      readonly num: number;
    };

/**
 * Gets a block's outputs once. A crash right after the commit loses them; the events keep them. What
 * it throws, or rejects with, stops the host. Nobody waits for its promise.
 */
export type OutputListener = (
  outputs: readonly DeviceOutput[],
  height: number,
) => void | Promise<void>;
