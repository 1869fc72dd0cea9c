import { E, Far } from '@endo/far';
import { M } from '@endo/patterns';
import {
  makeScalarBigMapStore,
  makeScalarBigWeakSetStore,
  prepareExo,
  prepareExoClass,
  provide,
} from '@agoric/vat-data';

/** A vat as contracts are written: durable state in baggage, exos, virtual stores, vat powers. */
export const buildRootObject = (vatPowers, parameters = {}, baggage) => {
  if (parameters.fail) throw Error(`refused to start: ${parameters.fail}`);
  if (parameters.exit) vatPowers.exitVat(parameters.exit);
  if (parameters.exitWithFailure) vatPowers.exitVatWithFailure(Error(parameters.exitWithFailure));
  const incarnations = (baggage.has('incarnations') ? baggage.get('incarnations') : 0) + 1;
  if (baggage.has('incarnations')) baggage.set('incarnations', incarnations);
  else baggage.init('incarnations', incarnations);

  const ledger = provide(baggage, 'ledger', () =>
    makeScalarBigMapStore('ledger', { durable: true }),
  );
  const seen = makeScalarBigWeakSetStore('seen');
  const virtual = makeScalarBigMapStore('virtual');
  const makePurse = prepareExoClass(
    baggage,
    'Purse',
    M.interface('Purse', {
      deposit: M.call(M.nat()).returns(M.nat()),
      balance: M.call().returns(M.nat()),
    }),
    balance => ({ balance }),
    {
      deposit(amount) {
        this.state.balance += amount;
        return this.state.balance;
      },
      balance() {
        return this.state.balance;
      },
    },
  );
  const bank = prepareExo(
    baggage,
    'Bank',
    M.interface('Bank', { name: M.call().returns(M.string()) }),
    {
      name: () => 'bank',
    },
  );
  let held;
  let resolveLater;
  const inbox = [];

  return Far('contract', {
    parameters: () => parameters,
    incarnations: () => incarnations,
    put: (key, value) => {
      if (ledger.has(key)) ledger.set(key, value);
      else ledger.init(key, value);
    },
    get: key => ledger.get(key),
    makePurse: balance => makePurse(balance),
    bank: () => bank,
    makeHeapObject: () => Far('heap object', { ping: () => 'pong' }),
    hold: (...things) => {
      held = things;
    },
    drop: () => {
      held = undefined;
    },
    holdsSame: thing => held.includes(thing),
    see: thing => void seen.add(thing),
    hasSeen: thing => seen.has(thing),
    keepVirtually: (key, thing) => virtual.init(key, thing),
    dropVirtual: key => virtual.delete(key),
    ask: (target, method, ...args) => E(target)[method](...args),
    echo: (...args) => args,
    refuse: message => {
      throw Error(message);
    },
    later: () =>
      new Promise(resolve => {
        resolveLater = resolve;
      }),
    resolveLater: value => resolveLater(value),
    never: () => new Promise(() => undefined),
    self: () => Far('me', { other: () => Far('other', { ping: () => 'pong of the other' }) }),
    note: text => void inbox.push(text),
    inbox: () => harden([...inbox]),
    awaitAndNote: promise =>
      void promise.then(
        value => inbox.push(['fulfilled', value]),
        reason => inbox.push(['rejected', reason instanceof Error ? reason.message : reason]),
      ),
    [Symbol.for('namedBySymbol')]: () => 'by symbol',
    [Symbol.asyncIterator]: () => 'by well-known symbol',
    log: line => vatPowers.testLog(line),
    exit: value => vatPowers.exitVat(value),
    exitWithFailure: reason => vatPowers.exitVatWithFailure(Error(reason)),
    /** Effects that others would see, and then the end. */
    actThenFail: (target, reason) => {
      resolveLater('premature');
      E(target).note('premature');
      vatPowers.exitVatWithFailure(Error(reason));
    },
    exitNaming: () => vatPowers.exitVatWithFailure(harden({ made: Far('just now', {}) })),
    work: rounds => {
      let sum = 0;
      for (let i = 0; i < rounds; i += 1) sum += i;
      return sum;
    },
    spin: () => {
      for (;;);
    },
    recurse: () => {
      const deeper = n => deeper(n + 1) + 1;
      return deeper(0);
    },
    exhaust: () => {
      const kept = [];
      for (;;) kept.push(new Uint8Array(100_000_000));
    },
    /** Fits into the stack of a worker, not into an eighth of it. */
    nest: () => {
      let nested = [];
      for (let depth = 0; depth < 3000; depth += 1) nested = [nested];
      return JSON.stringify(nested).length;
    },
  });
};
