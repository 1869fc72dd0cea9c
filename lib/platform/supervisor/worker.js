/**
 * Answers the kernel's commands:
 *
 * - `['knowBundle', bundle]`: keeps the bundle's modules parsed, and compiles them. Given while an
 *   image is made, for bundles that the kernel has checked. Answered with `['bundleKnown']`.
 * - `['setBundle', vatID, bundle, options]`: sets the vat up, once. Answered with
 *   `['dispatchReady', 'unchecked']`: the kernel must check an archive before `startVat`.
 * - `['deliver', delivery]`: answered with `['ok', null, null]` or `['error', problem, null]`.
 */
import { assert } from '@endo/errors';
import { insistVatDeliveryObject } from '@agoric/swingset-liveslots';
import { makeArchives } from './archive.js';
import { makeVat, SAMPLE_OPTIONS } from './vat.js';

/**
 * @param {ReturnType<import('./port.js').makePort>} port
 * @param {(source: string, globalObject: object) => boolean} compileModuleAhead - lockdown's
 */
export const makeWorker = (port, compileModuleAhead) => {
  const archives = makeArchives(compileModuleAhead);
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
      case 'knowBundle': {
        assert(!dispatch, 'knowBundle comes before setBundle');
        const [bundle] = args;
        archives.keep(bundle.endoZipBase64, SAMPLE_OPTIONS);
        return ['bundleKnown'];
      }
      case 'setBundle': {
        assert(!dispatch, 'cannot setBundle again');
        const [vatID, bundle, options] = args;
        dispatch = makeVat({ port, archives }, vatID, bundle, options);
        return ['dispatchReady', 'unchecked'];
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
