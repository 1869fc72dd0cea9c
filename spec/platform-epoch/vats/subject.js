/** A vat with durable state, state in RAM, promises in flight, and ways to fail at its start. */
import { E, Far } from '@endo/far';
import { makeScalarBigMapStore, prepareExoClass, provide, watchPromise } from '@agoric/vat-data';
import { prepareExo } from '@agoric/vat-data';

export const buildRootObject = (vatPowers, parameters = {}, baggage) => {
  const { D, exitVat, exitVatWithFailure } = vatPowers;
  const lives = baggage.has('lives') ? baggage.get('lives') : 0;
  if (parameters.failInLife === lives) throw Error(`life ${lives} is one too many`);
  if (parameters.exitInLife === lives) exitVat('enough');
  if (parameters.exitWithFailureInLife === lives) exitVatWithFailure(Error('not again'));
  if (parameters.spinInLife === lives) for (;;);
  if (baggage.has('switch') && D(baggage.get('switch')).isOff()) throw Error('the switch is off');
  if (lives === 0) baggage.init('lives', 1);
  else baggage.set('lives', lives + 1);

  const kept = provide(baggage, 'kept', () => makeScalarBigMapStore('kept', { durable: true }));
  if (!baggage.has('log')) baggage.init('log', harden([]));
  const write = entry => baggage.set('log', harden([...baggage.get('log'), entry]));
  const makeThing = prepareExoClass(baggage, 'thing', undefined, label => ({ label, uses: 0 }), {
    use() {
      this.state.uses += 1;
      return `${this.state.label} used ${this.state.uses}`;
    },
  });
  const watcher = prepareExo(baggage, 'watcher', undefined, {
    onFulfilled: value => write(['fulfilled', value]),
    onRejected: reason => write(['rejected', reason]),
  });
  const held = new Map();
  let sinceStart = 0;
  let settle;

  return Far('root', {
    lives: () => baggage.get('lives'),
    /** How often it was called: in this life, and in all. */
    bump() {
      sinceStart += 1;
      const total = (kept.has('total') ? kept.get('total') : 0) + 1;
      if (kept.has('total')) kept.set('total', total);
      else kept.init('total', total);
      return harden([sinceStart, total]);
    },
    write,
    read: () => baggage.get('log'),
    never: () => new Promise(() => {}),
    bootstrap: () => new Promise(() => {}),
    /** A promise that `settle` fulfills, in this life. */
    later: () =>
      new Promise(resolve => {
        settle = resolve;
      }),
    settle: value => settle(value),
    /** A promise in an array: unlike a result that is a promise, it is told as such. */
    wrapLater: () => harden([new Promise(() => {})]),
    count: (...args) => args.length,
    getThing: () => makeThing('thing'),
    getEphemeral: () => Far('ephemeral', { use: () => 'ephemeral used' }),
    async hold(name, value) {
      held.set(name, await value);
    },
    release: name => held.delete(name),
    keep: (name, value) => kept.init(name, value),
    use: name => E(held.has(name) ? held.get(name) : kept.get(name)).use(),
    /** Hears of the promise in this life. */
    hear(promise) {
      E.when(
        promise,
        value => write(['fulfilled', value]),
        reason => write(['rejected', reason]),
      );
    },
    /** Hears of the promise in whatever life. */
    watch(promise) {
      watchPromise(promise, watcher);
    },
    /** From now on its start depends on the device. */
    watchSwitch: device => baggage.init('switch', device),
    die: () => exitVatWithFailure(Error('told to')),
  });
};
