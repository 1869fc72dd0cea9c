/** From its second life on it starts by ending another vat. */
import { Far } from '@endo/far';

export const buildRootObject = ({ D }, _vatParameters, baggage) => {
  if (baggage.has('victim')) {
    D(baggage.get('device')).terminateWithFailure(baggage.get('victim'), Error('out of the way'));
  }
  return Far('root', {
    bootstrap: (_vats, devices) => baggage.init('device', devices.vatAdmin),
    choose: victim => baggage.init('victim', victim),
  });
};
