// @ts-check
/** Checks the options of `createVat` before vat-admin asks the kernel for anything. */
import { Fail, q } from '@endo/errors';
import { briefQuote } from './brief-quote.js';
import { isVatName } from './vat-name.js';

/** @import { DynamicVatOptions } from '../../devices/vat-admin/hooks.js' */

/** @typedef {(value: any) => boolean} Check */

/** @type {Check} */
const isString = value => typeof value === 'string';
/** @type {Check} */
const isBoolean = value => typeof value === 'boolean';

/** @type {Check} a number of deliveries, or 'never'; 0 also means never */
export const isReapInterval = value =>
  value === 'never' || (Number.isSafeInteger(value) && value >= 0);
harden(isReapInterval);

/** Throws SwingSet's errors. @param {string} name */
const insistName = name => {
  name.length < 200 || Fail`CreateVatOptions: oversized vat name ${briefQuote(name)}`;
  isVatName(name) || Fail`CreateVatOptions: bad vat name ${briefQuote(name)}`;
};

/** Throws SwingSet's error for a bad value. @type {(name: string, value: unknown) => never} */
const insistValue = (name, value) => {
  if (name === 'managerType' && isString(value)) {
    throw Fail`CreateVatOptions: bad managerType ${briefQuote(value)}`;
  }
  throw Fail`CreateVatOptions(${q(name)}): bad value ${briefQuote(value)}`;
};

/** @type {Record<string, Check>} in the order of the device call's arguments, which is consensus */
const checks = {
  enablePipelining: isBoolean,
  enableSetup: isBoolean,
  managerType: value => ['local', 'xsnap', 'xs-worker', 'node-subprocess'].includes(value),
  name: isString,
  reapInterval: isReapInterval,
  useTranscript: isBoolean,
};

const known = harden([...Object.keys(checks), 'critical', 'meter', 'nodeOptions', 'vatParameters']);

/**
 * @param {Record<string, unknown>} options from the calling vat
 * @param {object} keys
 * @param {(key: unknown) => boolean} keys.isCriticalVatKey
 * @param {(meter: unknown) => string} keys.meterIDOf throws when it is not one of our meters
 * @returns {DynamicVatOptions}
 */
export const checkCreateVatOptions = (options, { isCriticalVatKey, meterIDOf }) => {
  const unknown = Object.keys(options).filter(name => !known.includes(name));
  unknown.length === 0 || Fail`CreateVatOptions: unknown options ${briefQuote(unknown.join(','))}`;
  /** @type {Record<string, unknown>} */
  const checked = {};
  for (const [name, check] of Object.entries(checks)) {
    const value = options[name];
    value === undefined || check(value) || insistValue(name, value);
    checked[name] = value;
  }
  if (checked.name !== undefined) insistName(/** @type {string} */ (checked.name));
  const { critical, meter, nodeOptions, vatParameters } = options;
  nodeOptions === undefined ||
    checked.managerType === 'node-subprocess' ||
    Fail`CreateVatOptions: nodeOptions requires managerType='node-subprocess'`;
  if (checked.managerType === 'xs-worker') checked.managerType = 'xsnap';
  // SwingSet's worker in another Node process.
  if (checked.managerType === 'node-subprocess') checked.managerType = 'local';
  critical === undefined ||
    critical === false ||
    isCriticalVatKey(critical) ||
    Fail`invalid criticalVatKey: "critical" takes the key that only root can give`;
  return harden(
    /** @type {any} */ ({
      ...checked,
      critical: !!critical,
      meterID: meter === undefined ? undefined : meterIDOf(meter),
      vatParameters,
    }),
  );
};
harden(checkCreateVatOptions);
