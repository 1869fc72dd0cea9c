/** The host's side of mailboxes: messages waiting for each peer, and how a host stores them. */

/** One peer's mailbox: unacknowledged outbound messages by number, and the last inbound number. */
export interface PeerMailbox {
  outbox: Map<bigint, string>;
  ack: bigint;
}
export type MailboxStorage = Map<string, PeerMailbox>;

/** The storage that the mailbox device writes to. A host may bring its own. */
export interface MailboxState {
  add(peer: string, msgnum: bigint, body: string): void;
  remove(peer: string, msgnum: bigint): void;
  setAcknum(peer: string, msgnum: bigint): void;
}

/** Hosts call with numbers too. */
const toMsgnum = (given: number | bigint): bigint => {
  const msgnum = BigInt(given);
  if (msgnum < 0n) throw new RangeError(`a message number must not be negative: ${msgnum}`);
  return msgnum;
};

/** One peer's mailbox as JSON data. */
export interface ExportedMailbox {
  ack: number;
  outbox: [msgnum: number, body: string][];
}
/** All mailboxes as JSON data. */
export type MailboxData = Record<
  string,
  { inboundAck: number; outbox: readonly (readonly [msgnum: number, body: string])[] }
>;

/** One peer's mailbox as JSON data, for hosts that store each mailbox separately. */
export const exportMailbox = ({ outbox, ack }: PeerMailbox): ExportedMailbox => ({
  ack: Number(ack),
  outbox: [...outbox]
    .map(([msgnum, body]): [number, string] => [Number(msgnum), body])
    .sort(([a], [b]) => a - b),
});

/** The inverse of `exportMailbox`. Fills and returns `into`. */
export const importMailbox = (
  { ack, outbox }: ExportedMailbox,
  into: Partial<PeerMailbox> = {},
): PeerMailbox =>
  Object.assign(into, {
    ack: toMsgnum(ack),
    outbox: new Map(outbox.map(([msgnum, body]) => [toMsgnum(msgnum), body])),
  });

/** All mailboxes as JSON data, for a host to save with its commit. */
export const exportMailboxData = (storage: MailboxStorage): MailboxData =>
  Object.fromEntries(
    [...storage].map(([peer, mailbox]) => {
      const { ack, outbox } = exportMailbox(mailbox);
      return [peer, { inboundAck: ack, outbox }];
    }),
  );

/** Mailboxes in RAM, from the result of `exportMailboxData`. */
export const makeEphemeralMailboxStorage = (data: MailboxData = {}): MailboxStorage =>
  new Map(
    Object.entries(data).map(([peer, { inboundAck, outbox }]) => [
      peer,
      importMailbox({ ack: inboundAck, outbox: outbox.map(([n, body]) => [n, body]) }),
    ]),
  );

/** Keeps mailboxes in a Map. The host may read and save it between cranks. */
export const buildMailboxStateMap = (
  storage: MailboxStorage = makeEphemeralMailboxStorage(),
): MailboxState => {
  const provide = (peer: string): PeerMailbox => {
    let mailbox = storage.get(peer);
    if (!mailbox) {
      mailbox = { outbox: new Map(), ack: 0n };
      storage.set(peer, mailbox);
    }
    return mailbox;
  };
  return harden({
    add: (peer, msgnum, body) => {
      provide(peer).outbox.set(toMsgnum(msgnum), body);
    },
    remove: (peer, msgnum) => {
      provide(peer).outbox.delete(toMsgnum(msgnum));
    },
    setAcknum: (peer, msgnum) => {
      provide(peer).ack = toMsgnum(msgnum);
    },
  });
};
