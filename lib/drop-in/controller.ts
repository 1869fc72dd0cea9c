import '../endo-environment/load.js';
import { createHash } from 'node:crypto';

export { buildVatController } from '../controller/build-vat-controller.js';
export { makeSwingsetController } from '../controller/make-controller.js';
export type { SwingsetController } from '../controller/types.js';
export type { KVStore } from '../store/types.js';
export type { SlogDurationProps, SlogProps } from './types-external.js';

/** In hex. */
export const computeSha512 = (bytes: Uint8Array): string =>
  createHash('sha512').update(bytes).digest('hex');
