/** What not to do: the kind is defined when it is first needed, so later incarnations lack it. */
import { Far } from '@endo/far';
import { M, prepareExoClass } from '@agoric/vat-data';

const NoteI = M.interface('Note', { read: M.call().returns(M.string()) });

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  let makeNote;

  return Far('notebook', {
    write: text => {
      makeNote ??= prepareExoClass(baggage, 'Note', NoteI, line => ({ line }), {
        read() {
          return this.state.line;
        },
      });
      return makeNote(text);
    },
  });
};
