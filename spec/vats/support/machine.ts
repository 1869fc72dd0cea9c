/** Machines of this kernel that talk to each other through their mailboxes. */
import {
  buildMailboxStateMap,
  makeEphemeralMailboxStorage,
} from '../../../lib/devices/mailbox/mailbox-state.js';
import { buildMailbox } from '../../../lib/devices/mailbox/mailbox.js';
import { startLife } from '../../support/swingset.js';
import type { Life, LifeOptions } from '../../support/swingset.js';
import { sourcePath } from './paths.js';

export const machineUser = sourcePath('spec/vats/fixtures/machine-user.js');

export class Machine {
  readonly #storage;
  readonly #mailbox;
  readonly life: Life;
  private constructor(
    life: Life,
    storage: ReturnType<typeof makeEphemeralMailboxStorage>,
    mailbox: ReturnType<typeof buildMailbox>,
  ) {
    this.life = life;
    this.#storage = storage;
    this.#mailbox = mailbox;
  }

  static async start(
    options: Partial<LifeOptions> = {},
    storage = makeEphemeralMailboxStorage(),
  ): Promise<Machine> {
    const mailbox = buildMailbox(buildMailboxStateMap(storage));
    const life = await startLife({
      worker: 'local',
      config: {
        bootstrap: 'bootstrap',
        pinBootstrapRoot: true,
        defaultReapInterval: 1,
        vats: { bootstrap: { sourceSpec: machineUser } },
        devices: { mailbox: { sourceSpec: mailbox.srcPath } },
      },
      initialization: { addVattp: true, addComms: true },
      deviceEndowments: { mailbox: mailbox.endowments },
      ...options,
    });
    await life.run();
    return new Machine(life, storage, mailbox);
  }

  do = (method: string, ...args: readonly unknown[]) =>
    this.life.call('bootstrap', method, ...args);
  takeLog = () => this.do('takeLog') as Promise<string[]>;

  outbox(peer: string): [bigint, string][] {
    return [...(this.#storage.get(peer)?.outbox ?? [])];
  }
  ack(peer: string): bigint {
    return this.#storage.get(peer)?.ack ?? 0n;
  }

  /** Delivers everything in a peer's outbox for this machine, even if it came before. */
  async receive(peer: string, messages: readonly (readonly [bigint, string])[], ack: bigint) {
    this.#mailbox.deliverInbound(peer, messages, ack);
    await this.life.run();
  }

  /** Values of the comms vat's tables and c-lists, by key. */
  commsTables(): Record<string, string> {
    const { kvStore } = this.life.kernelStorage;
    const vatID = kvStore.get('vat.name.comms');
    const prefix = `${vatID}.vs.`;
    const rows: Record<string, string> = {};
    for (let key = kvStore.getNextKey(prefix); key?.startsWith(prefix);) {
      const name = key.slice(prefix.length);
      if (/^(lo|lp)[0-9]|^imps|c\.|cr\.|lastSent/.test(name)) rows[name] = kvStore.get(key) ?? '';
      key = kvStore.getNextKey(key);
    }
    return rows;
  }
}

/** Carries messages between `a`, which knows the other as `b`, and `b` until both are silent. */
export const exchange = async (a: Machine, b: Machine): Promise<void> => {
  let seen = '';
  for (;;) {
    const state = JSON.stringify(
      [a.outbox('b'), a.ack('b'), b.outbox('a'), b.ack('a')],
      (_, value) => (typeof value === 'bigint' ? `${value}` : (value as unknown)),
    );
    if (state === seen) return;
    seen = state;
    await b.receive('a', a.outbox('b'), a.ack('b'));
    await a.receive('b', b.outbox('a'), b.ack('a'));
  }
};
