import { Far } from '@endo/far';

/** Reads what the first version has kept. Takes the poison. */
export const buildRootObject = (_vatPowers, parameters, baggage) => {
  if (parameters.broken) throw Error('still broken');
  return Far('notes', {
    write: text => baggage.set('notes', harden([...baggage.get('notes'), text])),
    read: () => harden(['v2', ...baggage.get('notes')]),
    getParameters: () => parameters,
    poison: () => baggage.set('notes', harden([...baggage.get('notes'), 'cured'])),
  });
};
