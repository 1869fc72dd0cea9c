/**
 * A kernel as one comms vat sees it, whose users act at random: they send messages, settle
 * promises, drop and retire objects. Checks that the vat keeps to the rules of the c-list.
 */
import { CommsMachine } from './comms-machine.js';
import type { Call } from './comms-machine.js';
import type { Random } from '../../support/random.js';

type Data = { readonly body: string; readonly slots: readonly string[] };

const RECEIVER = 'o+30';
const TRANSMITTER = 'o-50';

export class CommsUsers {
  readonly machine = new CommsMachine();
  /** Messages on their way to the other side. */
  readonly wire: string[] = [];
  readonly #random: Random;
  /** Objects of the users that the vat has: can it still reach them? */
  readonly #own = new Map<string, boolean>();
  /** Objects of the vat that the users have: can they still reach them? */
  readonly #theirs = new Map<string, boolean>();
  /** Unresolved promises, by who decides. */
  readonly #usersDecide = new Set<string>();
  readonly #vatDecides = new Set<string>();
  readonly #subscribed = new Set<string>();
  #next = 100;

  constructor(random: Random) {
    this.#random = random;
    this.machine.start();
    const slots = [TRANSMITTER, 'o-51'];
    this.#deliver('message', 'o+0', {
      methargs: { body: '#["addRemote",["peer","$0","$1"]]', slots },
    });
    this.#rootCall('addEgress', 'o-60');
    this.#own.set('o-60', true);
    this.#rootCall('addIngress');
  }

  #rootCall(method: string, ...slots: string[]) {
    const args = slots.length > 0 ? '["peer",1,"$0"]' : '["peer",1]';
    const message = { methargs: { body: `#["${method}",${args}]`, slots }, result: 'p-60' };
    this.#vatDecides.add('p-60');
    this.#deliver('message', 'o+0', message);
  }

  #deliver(...delivery: readonly [string, ...unknown[]]) {
    for (const call of this.machine.deliver(delivery)) this.#obey(call);
  }

  #expect(condition: boolean, what: string) {
    if (!condition) throw Error(`the vat broke a rule: ${what}`);
  }

  /** The vat mentions these to the kernel. */
  #take({ slots }: Data) {
    for (const slot of slots) {
      if (slot.startsWith('o+')) this.#theirs.set(slot, true);
      else if (slot.startsWith('o-'))
        this.#expect(this.#own.get(slot) === true, `mentions ${slot}`);
      else if (slot.startsWith('p+') && !this.#usersDecide.has(slot)) this.#vatDecides.add(slot);
      else if (slot.startsWith('p-')) this.#expect(this.#knows(slot), `mentions ${slot}`);
    }
  }
  readonly #knows = (promise: string) =>
    this.#usersDecide.has(promise) || this.#vatDecides.has(promise);

  #obey([name, ...args]: Call) {
    switch (name) {
      case 'send': {
        const [target, { methargs, result }] = args as [
          string,
          { methargs: Data; result?: string },
        ];
        if (target === TRANSMITTER) {
          const [, [text]] = JSON.parse(methargs.body.slice(1)) as [string, [string]];
          this.wire.push(text);
          return;
        }
        if (target === 'o-51') return;
        this.#take({ body: '', slots: [target] });
        this.#take(methargs);
        if (result) {
          this.#expect(!this.#usersDecide.has(result), `gives ${result} away twice`);
          this.#vatDecides.delete(result);
          this.#usersDecide.add(result);
        }
        return;
      }
      case 'subscribe':
        this.#expect(this.#usersDecide.has(args[0] as string), `subscribes to ${String(args[0])}`);
        this.#subscribed.add(args[0] as string);
        return;
      case 'resolve': {
        const resolutions = args[0] as [string, boolean, Data][];
        for (const [, , data] of resolutions) this.#take(data);
        for (const [vpid] of resolutions) {
          const known = this.#vatDecides.delete(vpid);
          this.#expect(known || vpid.startsWith('p+'), `resolves ${vpid}`);
        }
        return;
      }
      case 'dropImports':
        for (const vref of args[0] as string[]) {
          this.#expect(this.#own.get(vref) === true, `drops ${vref}`);
          this.#own.set(vref, false);
        }
        return;
      case 'retireImports':
        for (const vref of args[0] as string[]) {
          this.#expect(this.#own.get(vref) === false, `retires ${vref}`);
          this.#own.delete(vref);
        }
        return;
      case 'retireExports':
        for (const vref of args[0] as string[]) {
          this.#expect(
            this.#theirs.get(vref) === false,
            `retires ${vref}, which users still reach`,
          );
          this.#theirs.delete(vref);
        }
        return;
      default:
        throw Error(`unexpected syscall ${name}`);
    }
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[this.#random.below(items.length || 1)];
  }

  /** An object or promise to mention, old or new. */
  #mention(): string {
    const kind = this.#random.below(6);
    const known = [...this.#own.keys()];
    const reachable = [...this.#theirs].filter(([, is]) => is).map(([vref]) => vref);
    const old =
      kind < 2
        ? this.#pick(known)
        : kind < 4
          ? this.#pick(reachable)
          : kind === 4
            ? this.#pick([...this.#usersDecide, ...this.#vatDecides])
            : undefined;
    this.#next += 1;
    const vref = old ?? `${this.#random.below(3) === 0 ? 'p' : 'o'}-${this.#next}`;
    if (vref.startsWith('o-')) this.#own.set(vref, true);
    else if (vref.startsWith('p-') && !this.#knows(vref)) this.#usersDecide.add(vref);
    return vref;
  }
  #data(): Data {
    const slots = [
      ...new Set(Array.from({ length: this.#random.below(4) }, () => this.#mention())),
    ];
    const mentions = slots.map((slot, index) => `${slot.startsWith('p') ? '&' : '$'}${index}`);
    return { body: `#${JSON.stringify(['data', mentions])}`, slots };
  }

  send() {
    const targets = [...this.#theirs].filter(([, is]) => is).map(([vref]) => vref);
    const target = this.#pick([...targets, ...this.#vatDecides]);
    if (!target) return;
    const methargs = this.#data();
    this.#next += 1;
    const result = this.#random.below(4) > 0 ? `p-${this.#next}` : undefined;
    if (result) this.#vatDecides.add(result);
    this.#deliver('message', target, { methargs, result });
  }

  settle() {
    const promise = this.#pick([...this.#subscribed]);
    if (promise) this.#settle(promise, this.#random.below(3) > 0 ? this.#data() : this.#single());
  }
  #single(): Data {
    const object = this.#pick([...this.#own.keys()]);
    if (!object) return { body: '#7', slots: [] };
    this.#own.set(object, true);
    return { body: '#"$0"', slots: [object] };
  }
  #settle(promise: string, data: Data) {
    this.#subscribed.delete(promise);
    this.#usersDecide.delete(promise);
    // A notification must not mention another resolved promise, unless it tells of that as well.
    this.#deliver('notify', [[promise, this.#random.below(5) === 0, data]]);
  }

  drop() {
    const object = this.#pick([...this.#theirs].filter(([, is]) => is).map(([vref]) => vref));
    if (!object) return;
    this.#theirs.set(object, false);
    this.#deliver('dropExports', [object]);
  }
  retire() {
    const theirs = this.#pick([...this.#theirs].filter(([, is]) => !is).map(([vref]) => vref));
    const own = this.#pick([...this.#own].filter(([, is]) => !is).map(([vref]) => vref));
    if (theirs && this.#random.below(2) === 0) {
      this.#theirs.delete(theirs);
      this.#deliver('retireExports', [theirs]);
    } else if (own) {
      this.#own.delete(own);
      this.#deliver('retireImports', [own]);
    }
  }
  receiveFrom(other: CommsUsers) {
    const text = other.wire.shift();
    if (text === undefined) return;
    const methargs = { body: `#${JSON.stringify(['receive', [text]])}`, slots: [] };
    this.#deliver('message', RECEIVER, { methargs });
  }

  /** Settles all promises and drops all objects. */
  finish() {
    for (const promise of [...this.#subscribed]) this.#settle(promise, { body: '#0', slots: [] });
    for (const [object, reachable] of [...this.#theirs]) {
      if (reachable) {
        this.#theirs.set(object, false);
        this.#deliver('dropExports', [object]);
      }
      this.#theirs.delete(object);
      this.#deliver('retireExports', [object]);
    }
  }
  /** Sends a message without meaning, because each message acknowledges those received. */
  acknowledge() {
    const { vatstore } = this.machine;
    const seqNum = Number(vatstore.get('r1.sendSeq'));
    vatstore.set('r1.sendSeq', `${seqNum + 1}`);
    this.wire.push(`${seqNum}:${vatstore.get('r1.recvSeq')}:gc:dropExport:ro+99999`);
  }

  isIdle = () => this.wire.length === 0 && this.#subscribed.size === 0 && this.#theirs.size === 0;
  left = () => ({ own: [...this.#own], promises: [...this.#usersDecide, ...this.#vatDecides] });
}
