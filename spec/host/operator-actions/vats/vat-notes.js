import { Far } from '@endo/far';

/** Keeps durably what it is told, in order. */
export const buildRootObject = (vatPowers, parameters, baggage) => {
  if (parameters.broken) throw Error('broken on purpose');
  if (!baggage.has('notes')) baggage.init('notes', harden([]));
  return Far('notes', {
    write: text => baggage.set('notes', harden([...baggage.get('notes'), text])),
    read: () => baggage.get('notes'),
    getParameters: () => parameters,
    poison: () => vatPowers.exitVatWithFailure(Error('poison')),
  });
};
