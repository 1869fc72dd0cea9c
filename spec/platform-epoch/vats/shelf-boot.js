/** Speaks to the shelf, which is a device, and to what lies there. */
import { E, Far } from '@endo/far';

export const buildRootObject = ({ D }, _vatParameters, baggage) => {
  const shelf = () => D(baggage.get('shelf'));
  return Far('root', {
    async bootstrap({ vatAdmin }, devices) {
      baggage.init('shelf', devices.shelf);
      await E(vatAdmin).createVatAdminService(devices.vatAdmin);
    },
    shelve: thing => shelf().put(thing),
    sendToAll: method => shelf().sendToAll(method),
    /** What each thing answers, or the message of the error. */
    use: () => {
      const answers = shelf()
        .things()
        .map(thing => E(thing).use());
      return Promise.all(
        answers.map(answer => E.when(answer, undefined, ({ message }) => message)),
      );
    },
  });
};
