/** Letters between players, which the other operations of their round may overtake. */
import type { Model } from '../model.js';
import { ask, expectEqual, type Proposal } from '../operation.js';

/** A letter starts a vat that sleeps. Operations that end it must know whether it was started. */
const locksOf = (model: Model, names: readonly string[]): string[] =>
  names
    .map(name => model.vat(name))
    .filter(vat => vat.suspended && !vat.isDown)
    .map(({ name }) => `~vat:${name}`);

export const post: Proposal = (model, random) => {
  const from = random.pick(model.vats.keys());
  const to = random.pick([...model.vats.keys()].filter(name => name !== from));
  if (from === undefined || to === undefined) return undefined;
  const letters = 1 + random.below(30);
  return ask('post letters', locksOf(model, [from, to]), ['post', from, to, letters], answer => {
    if (answer) expectEqual('posting letters', answer.status, 'fulfilled');
    model.letters.tell(from, to, letters);
  });
};
