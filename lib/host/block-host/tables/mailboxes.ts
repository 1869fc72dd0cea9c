/** What the mailbox device has for each peer. */
import type { RowReader, Rows } from '../rows.js';
import { JsonTable } from './json-rows.js';
import { chainKey, numberInKey, numberOfKey, textInKey } from './schema.js';

/** The number of the peer's last message that the vats have got. */
const acks = new JsonTable<number>(chainKey('mailbox.ack.'));
const outbox = new JsonTable<string>(chainKey('mailbox.out.'));

export interface PeerMessages {
  readonly ack: number;
  /** What the peer has not acknowledged yet. */
  readonly outbox: readonly (readonly [num: number, body: string])[];
}

const nameOf = (peer: string, num: bigint): string =>
  `${textInKey(peer)}.${numberInKey(Number(num))}`;

export const addMessage = (rows: Rows, peer: string, num: bigint, body: string): void =>
  outbox.write(rows, nameOf(peer, num), body);

export const removeMessage = (rows: Rows, peer: string, num: bigint): void =>
  outbox.delete(rows, nameOf(peer, num));

export const setAck = (rows: Rows, peer: string, num: bigint): void =>
  acks.write(rows, textInKey(peer), Number(num));

export const readMailbox = (rows: RowReader, peer: string): PeerMessages => {
  const begin = `${textInKey(peer)}.`;
  return {
    ack: acks.read(rows, textInKey(peer)) ?? 0,
    outbox: [...outbox.entries(rows, begin)].map(([name, body]) => [
      numberOfKey(name.slice(begin.length)),
      body,
    ]),
  };
};
