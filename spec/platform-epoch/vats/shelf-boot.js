/** Puts things on the shelf, which is a device. */
import { Far } from '@endo/far';

export const buildRootObject = ({ D }, _vatParameters, baggage) =>
  Far('root', {
    bootstrap: (_vats, devices) => baggage.init('shelf', devices.shelf),
    shelve: thing => D(baggage.get('shelf')).put(thing),
  });
