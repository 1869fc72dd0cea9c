/** Exported objects: a durable one stays valid; one in RAM is abandoned. */
import { Far } from '@endo/far';
import { M, prepareExo } from '@agoric/vat-data';

const DoorI = M.interface('Door', { knock: M.call().returns(M.string()) });

export const buildRootObject = (_vatPowers, _vatParameters, baggage) => {
  const durable = prepareExo(baggage, 'door', DoorI, { knock: () => 'come in' });

  return Far('house', {
    getDurableDoor: () => durable,
    // `Far` objects live in RAM. Only the root object is an exception: it is always the same one.
    getEphemeralDoor: () => Far('window', { knock: () => 'come in' }),
  });
};
