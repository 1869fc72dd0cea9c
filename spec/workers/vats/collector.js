// Durable objects, and a reference to another vat that comes and goes.
/* global VatData */
import { E } from '@endo/eventual-send';
import { Far } from '@endo/far';

const { defineDurableKind, makeKindHandle } = VatData;

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  if (!baggage.has('kind of notes')) baggage.init('kind of notes', makeKindHandle('note'));
  const makeNote = defineDurableKind(baggage.get('kind of notes'), text => ({ text }), {
    read: ({ state }) => state.text,
  });
  let held;
  return Far('collector', {
    write: (name, text) => baggage.init(name, makeNote(text)),
    read: name => baggage.get(name).read(),
    hold: thing => {
      held = thing;
    },
    greet: () => {
      void E(held).hello();
    },
    release: () => {
      held = undefined;
    },
  });
};
