/** Checks what hosts pass to the calls of `HostFacet`. */
import { krefOf } from '@agoric/kmarshal';
import { BadOptionError } from '../../errors.js';
import { parseKRef, parseVatID } from '../../types/ids.js';
import type { KRef, ObjectKRef, PromiseKRef } from '../../types/ids.js';
import type { CapData } from '../../types/messages.js';
import { findFlaw } from '../../types/readable-data.js';
import type { EventPlace } from '../cranks/drop-event.js';
import type { HostResultPolicy } from './host-facet.js';

const policies: readonly HostResultPolicy[] = [
  'none',
  'ignore',
  'logAlways',
  'logFailure',
  'panic',
];

/** @throws BadOptionError */
export const checkPolicy = (policy: HostResultPolicy): HostResultPolicy => {
  if (policies.includes(policy)) return policy;
  throw new BadOptionError('resolutionPolicy', policy, `one of ${policies.join(', ')}`);
};

/** @throws BadOptionError */
export const checkMethod = (method: unknown): string | symbol => {
  if (typeof method === 'string' || typeof method === 'symbol') return method;
  throw new BadOptionError('method', method, 'a string or a symbol');
};

/** @throws BadOptionError */
export const checkArgs = (args: unknown): readonly unknown[] => {
  if (Array.isArray(args)) return args;
  throw new BadOptionError('args', args, 'an array');
};

/** @throws BadOptionError unless it is marshalled data that vats can read */
export const checkCapData = (data: CapData, field: string): CapData<KRef> => {
  const isCapData = typeof data?.body === 'string' && Array.isArray(data.slots);
  if (!isCapData) throw new BadOptionError(field, data, 'marshalled data { body, slots }');
  const flaw = findFlaw(data);
  if (flaw !== undefined) {
    throw new BadOptionError(field, data, `marshalled data that can be read, not ${flaw}`);
  }
  return { body: data.body, slots: data.slots.map(parseKRef) };
};

/** The kref of a `kslot`. @throws BadOptionError, BadIdentifierError */
export const targetOf = (target: unknown): ObjectKRef | PromiseKRef => {
  try {
    return parseKRef(krefOf(target)) as ObjectKRef | PromiseKRef;
  } catch (error) {
    if (error instanceof BadOptionError) throw error;
    throw new BadOptionError('target', target, 'a reference made by kslot');
  }
};

/** @throws BadOptionError, BadIdentifierError */
export const checkPlace = ({
  vatID,
  index,
}: {
  readonly vatID?: string;
  readonly index: number;
}): EventPlace => {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new BadOptionError('place.index', index, 'a whole number of at least 0');
  }
  return { vatID: vatID === undefined ? undefined : parseVatID(vatID), index };
};
