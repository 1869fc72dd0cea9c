import { E, Far } from '@endo/far';

/** Counts durably what reaches it. */
export const buildRootObject = (vatPowers, _parameters, baggage) => {
  const read = name => (baggage.has(name) ? baggage.get(name) : 0);
  const add = (name, by) => {
    const total = read(name) + by;
    if (baggage.has(name)) baggage.set(name, total);
    else baggage.init(name, total);
    return total;
  };
  const self = Far('tally', {
    add: by => add('total', by),
    echo: (...values) => harden(values),
    fail: why => {
      throw Error(why);
    },
    die: () => vatPowers.exitVatWithFailure(Error('the end')),
    never: () => new Promise(() => undefined),
    text: length => 'x'.repeat(length),
    object: () => Far('thing', {}),
    /** Takes as many cranks as it says. */
    countDown: from => {
      add('steps', 1);
      if (from > 1) E(self).countDown(from - 1);
    },
    steps: () => read('steps'),
  });
  return self;
};
