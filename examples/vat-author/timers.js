/** Timers: a durable handler is woken in any incarnation; a promise of the timer service is not. */
import { E, Far } from '@endo/far';
import { M, prepareExo, provide } from '@agoric/vat-data';

const HandlerI = M.interface('Handler', { wake: M.call(M.any()).returns() });

export const buildRootObject = (_vatPowers, { timerService }, baggage) => {
  provide(baggage, 'woken', () => harden([]));
  const note = line => baggage.set('woken', harden([...baggage.get('woken'), line]));

  const handler = prepareExo(baggage, 'handler', HandlerI, {
    wake: ({ absValue }) => note(`handler ${absValue}`),
  });

  return Far('sleeper', {
    // The timer vat keeps the handler and the schedule.
    repeat: () => E(timerService).repeatAfter(0n, 10n, handler),
    // Waits in RAM: what follows never happens if this vat restarts first.
    wakeOnce: async time => {
      await E(timerService).wakeAt(time);
      note(`promise ${time}`);
    },
    report: () => baggage.get('woken'),
  });
};
