import { Far } from '@endo/far';

/** Calls devices as it is told. */
export const buildRootObject = ({ D }) =>
  Far('meddler', {
    call: (device, method, args) => D(device)[method](...args),
  });
