/**
 * Answers the kernel's commands:
 *
 * - `['warm', bundle]`: keeps the bundle's modules parsed. Given while an image is made. Answered
 *   with `['warmed']`.
 * - `['setBundle', vatID, bundle, liveSlotsOptions]`: sets the vat up, once. Answered with
 *   `['dispatchReady']`.
 * - `['deliver', delivery]`: answered with `['ok', null, null]` or `['error', problem, null]`.
 */
import { assert } from '@endo/errors';
import { insistVatDeliveryObject } from '@agoric/swingset-liveslots';
import { makeArchives } from './archive.js';
import { makeVat } from './vat.js';

/** @param {ReturnType<import('./port.js').makePort>} port */
export const makeWorker = port => {
  const archives = makeArchives();
  let dispatch;

  const deliver = async delivery => {
    try {
      // The result of a delivery is always undefined, which JSON has no word for.
      await dispatch(delivery);
      return ['ok', null, null];
    } catch (error) {
      console.warn(`delivery ${delivery[0]} failed:`, error);
      return ['error', `${error}`, null];
    }
  };

  /** @param {unknown[]} item */
  return async ([tag, ...args]) => {
    switch (tag) {
      case 'warm': {
        assert(!dispatch, 'warm comes before setBundle');
        const [bundle] = args;
        archives.keep(bundle.endoZipBase64);
        return ['warmed'];
      }
      case 'setBundle': {
        assert(!dispatch, 'cannot setBundle again');
        const [vatID, bundle, liveSlotsOptions] = args;
        dispatch = makeVat({ port, archives }, vatID, bundle, liveSlotsOptions);
        return ['dispatchReady'];
      }
      case 'deliver': {
        assert(dispatch, 'cannot deliver before setBundle');
        const [delivery] = args;
        insistVatDeliveryObject(harden(delivery));
        return deliver(delivery);
      }
      default:
        return ['bad tag', tag];
    }
  };
};
