/**
 * Uses a vat that it doesn't know: asks each object that the vat exports for its methods, and calls
 * each with several arguments. What it draws depends on the vat's syscalls alone.
 */
import { kser, kslot, kunser } from '@agoric/kmarshal';
import { ROOT_OBJECT_VREF, type VRef } from '../../../../lib/types/ids.js';
import type { CapData, VatDelivery, VatSyscall } from '../../../../lib/types/messages.js';
import { bringOutYourDead, startVat, vref } from '../../../workers/support/fixture.js';

export interface Manners {
  readonly parameters: unknown;
  /** Names of vats and devices that the vat's bootstrap may ask for. */
  readonly names: readonly string[];
  /** Methods that must not be called with just anything. */
  readonly spared: readonly string[];
  /** Objects whose methods are called, at most. */
  readonly objects: number;
}

const serialize = (value: unknown): CapData<VRef> => kser(value) as unknown as CapData<VRef>;
const presence = (vref: string, iface: string): unknown => kslot(vref, `Alleged: ${iface}`);
const device = presence('d-70', 'device');
const promise = kslot('p-50');

/** A record of presences for each name, as a bootstrap gets its vats and devices. */
const recordOf = (names: readonly string[], of: (name: string, n: number) => unknown): unknown =>
  Object.fromEntries(names.map((name, n) => [name, of(name, n)]));

const argumentsFor = (method: string, names: readonly string[]): readonly unknown[][] =>
  method === 'bootstrap'
    ? [
        [
          recordOf(names, (name, n) => presence(`o-${100 + n}`, name)),
          recordOf(names, () => device),
        ],
      ]
    : [
        [],
        ['text', 3, 7n],
        [presence('o-50', 'thing'), { key: 'value', list: [1, 'two'] }, ['a', ['b']]],
        [promise, device, true],
      ];

const methodsOf = (data: CapData<VRef> | undefined): readonly string[] => {
  const names = data && (kunser({ body: data.body, slots: [...data.slots] }) as unknown);
  return Array.isArray(names) ? names.filter(name => typeof name === 'string') : [];
};

const dataOf = (syscall: VatSyscall): readonly CapData<VRef>[] => {
  if (syscall[0] === 'send') return [syscall[2].methargs];
  return syscall[0] === 'resolve' ? syscall[1].map(([, , data]) => data) : [];
};

/** Each promise of the vat's is answered in its own way. */
const answerTo = (vpid: VRef, n: number): VatDelivery => {
  const [rejected, value] = [
    [false, undefined],
    [false, presence(`o-${200 + n}`, 'answer')],
    [true, Error('refused')],
    [false, ['list', 5n]],
  ][n % 4] as [boolean, unknown];
  return ['notify', [[vpid, rejected, serialize(value)]]];
};

/** Draws the deliveries of one life, `startVat` first. */
export const explorer = (manners: Manners) =>
  function* explore(syscalls: readonly VatSyscall[]): Generator<VatDelivery, void, void> {
    const first = syscalls.length;
    const exported = new Set<VRef>([ROOT_OBJECT_VREF]);
    const subscribed = new Set<VRef>();
    let [seen, promises, answers] = [first, 60, 0];
    let ended = false;

    const look = (): void => {
      for (const syscall of syscalls.slice(seen)) {
        if (syscall[0] === 'subscribe') subscribed.add(syscall[1]);
        if (syscall[0] === 'exit') ended = true;
        for (const { slots } of dataOf(syscall)) {
          for (const slot of slots) if (slot.startsWith('o+')) exported.add(slot);
        }
      }
      seen = syscalls.length;
    };

    function* settle(): Generator<VatDelivery, void, void> {
      look();
      for (const vpid of subscribed) {
        subscribed.delete(vpid);
        yield answerTo(vpid, (answers += 1));
        look();
      }
    }

    /** Returns the data that the result was fulfilled with, if it was. */
    function* call(
      target: VRef,
      method: string,
      args: readonly unknown[],
    ): Generator<VatDelivery, CapData<VRef> | undefined, void> {
      const result = vref(`p-${(promises += 1)}`);
      yield ['message', target, { methargs: serialize([method, args]), result }];
      yield* settle();
      for (const syscall of syscalls.slice(first)) {
        if (syscall[0] !== 'resolve') continue;
        const found = syscall[1].find(([vpid, rejected]) => vpid === result && !rejected);
        if (found) return found[2];
      }
      return undefined;
    }

    yield startVat(manners.parameters);
    yield* settle();
    let objects = 0;
    for (const target of exported) {
      if ((objects += 1) > manners.objects) break;
      for (const method of methodsOf(yield* call(target, '__getMethodNames__', []))) {
        if (manners.spared.includes(method)) continue;
        for (const args of argumentsFor(method, manners.names)) {
          if (ended) return;
          yield* call(target, method, args);
        }
      }
    }
    yield bringOutYourDead;
    look();
    const dropped = [...exported].filter(target => target !== ROOT_OBJECT_VREF);
    yield ['dropExports', dropped];
    yield ['retireExports', dropped];
    yield bringOutYourDead;
    yield* settle();
  };
