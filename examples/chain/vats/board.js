/** A board on which everybody may leave a note. The notes survive each upgrade. */
import { Far } from '@endo/far';
import { M, makeScalarBigMapStore, prepareExo, provide } from '@agoric/vat-data';

// The chain tells who sent a message: the first argument is the sender's address.
const BoardI = M.interface('Board', {
  post: M.call(M.string(), M.string()).returns(M.number()),
  read: M.call(M.string()).returns(M.any()),
});

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const incarnation = baggage.has('incarnation') ? baggage.get('incarnation') + 1 : 0;
  baggage[incarnation === 0 ? 'init' : 'set']('incarnation', incarnation);
  const notes = provide(baggage, 'notes', () => makeScalarBigMapStore('notes', { durable: true }));
  // In RAM: each incarnation counts from zero.
  let reads = 0;

  const board = prepareExo(baggage, 'board', BoardI, {
    post(sender, text) {
      const number = notes.getSize() + 1;
      notes.init(number, harden({ sender, text }));
      return number;
    },
    read() {
      reads += 1;
      return harden({ incarnation, reads, notes: [...notes.values()] });
    },
  });

  return Far('board vat', { getBoard: () => board });
};
