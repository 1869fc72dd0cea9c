import { Far } from '@endo/far';

/** Counts durably what reaches it. */
export const buildRootObject = (vatPowers, _parameters, baggage) => {
  const read = name => (baggage.has(name) ? baggage.get(name) : 0);
  const add = (name, by) => {
    const total = read(name) + by;
    if (baggage.has(name)) baggage.set(name, total);
    else baggage.init(name, total);
    return total;
  };
  return Far('tally', {
    add: by => add('total', by),
    echo: (...values) => harden(values),
    fail: why => {
      throw Error(why);
    },
    die: () => vatPowers.exitVatWithFailure(Error('the end')),
    never: () => new Promise(() => undefined),
    text: length => 'x'.repeat(length),
    object: () => Far('thing', {}),
    step: () => {
      add('steps', 1);
    },
    steps: () => read('steps'),
  });
};
