import { Far } from '@endo/far';

export const buildRootObject = ({ D }, _parameters, baggage) => {
  const seen = [];
  // An incarnation after the first pays in its `startVat`.
  if (baggage.has('till')) D(baggage.get('till')).pay(100);
  const self = Far('customer', {
    bootstrap: (_vats, { till }) => baggage.init('till', till),
    paid: amount => {
      seen.push(amount);
    },
    pay: amounts => {
      const till = baggage.get('till');
      return harden(amounts.map(amount => D(D(till).pay(amount, self)).total()));
    },
    seen: () => harden([...seen, D(baggage.get('till')).paid()]),
  });
  return self;
};
