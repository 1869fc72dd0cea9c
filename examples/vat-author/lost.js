/** What is lost: variables, RAM objects, virtual objects, and everything that waits in RAM. */
import { Far } from '@endo/far';
import { defineVirtualExoClass, M } from '@agoric/vat-data';

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const makeTicket = defineVirtualExoClass(
    'Ticket',
    M.interface('Ticket', { getSeat: M.call().returns(M.number()) }),
    seat => ({ seat }),
    {
      getSeat() {
        return this.state.seat;
      },
    },
  );
  const sold = [];

  const failureOf = act => {
    try {
      act();
      return 'none';
    } catch (error) {
      return error.message;
    }
  };

  return Far('theatre', {
    sell: seat => {
      const ticket = makeTicket(seat);
      sold.push(ticket);
      return ticket;
    },
    countSold: () => sold.length,
    // Liveslots refuses at once what would not survive.
    keepTicket: () => failureOf(() => baggage.init('ticket', makeTicket(1))),
    keepFar: () => failureOf(() => baggage.init('far', Far('far', {}))),
    keepPromise: () => failureOf(() => baggage.init('promise', harden(Promise.resolve(1)))),
  });
};
