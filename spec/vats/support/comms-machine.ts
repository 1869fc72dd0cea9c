/** Calls a comms vat as a kernel would, with a Map as its vatstore, and records its syscalls. */
import { kser, kslot } from '@agoric/kmarshal';
import setup from '../../../lib/vats/comms/vat-comms.js';

export type Call = readonly [name: string, ...args: unknown[]];

export class CommsMachine {
  readonly vatstore = new Map<string, string>();
  readonly #calls: Call[] = [];

  /** One delivery. Returns the vat's syscalls, except those to the vatstore. */
  deliver(delivery: readonly [string, ...unknown[]]): Call[] {
    const note =
      (name: string) =>
      (...args: unknown[]) =>
        void this.#calls.push([name, ...args]);
    // A new instance each time: the vat may not remember anything but what is in its vatstore.
    const dispatch = setup({
      send: (target, methargs, result) =>
        void this.#calls.push(['send', target, result ? { methargs, result } : { methargs }]),
      subscribe: note('subscribe'),
      resolve: note('resolve'),
      dropImports: note('dropImports'),
      retireImports: note('retireImports'),
      retireExports: note('retireExports'),
      vatstoreGet: key => this.vatstore.get(key),
      vatstoreSet: (key, value) => void this.vatstore.set(key, value),
      vatstoreDelete: key => void this.vatstore.delete(key),
    });
    dispatch(delivery);
    return this.#calls.splice(0);
  }

  start(parameters: object = {}) {
    this.deliver(['startVat', kser(parameters)]);
    return this;
  }

  /** Sends `method(...args)`; references among the arguments are made with `ref`. */
  message(target: string, method: string, args: readonly unknown[], result?: string): Call[] {
    return this.deliver(['message', target, { methargs: kser([method, args]), result }]);
  }

  /** Delivers a message from the remote, through its receiver `o+30`. */
  receive(text: string): Call[] {
    return this.message('o+30', 'receive', [text]);
  }

  /** Adds remote `b`, whose transmitter is `o-50`, and gives it `o-60` under index 1. */
  connect() {
    this.message('o+0', 'addRemote', ['b', ref('o-50'), ref('o-51')]);
    this.message('o+0', 'addEgress', ['b', 1, ref('o-60')]);
    return this;
  }

  /** Rows of the tables of objects and promises, and of the c-lists. */
  tableKeys(): string[] {
    return [...this.vatstore.keys()]
      .filter(key => /^(lo|lp)[0-9]|^imps|c\.|cr\.|lastSent/.test(key))
      .sort();
  }
}

export const ref = (vref: string) => kslot(vref, vref);

/** Texts that were transmitted to remotes. */
export const transmitted = (calls: readonly Call[]): string[] =>
  calls.flatMap(([name, , message]) => {
    if (name !== 'send') return [];
    const { body } = (message as { methargs: { body: string } }).methargs;
    const [method, args] = JSON.parse(body.slice(1)) as [string, string[]];
    return method === 'transmit' ? args : [];
  });
