/** The fragile vat, mended. */
import { Far } from '@endo/far';

export const buildRootObject = () => Far('fragile', { ping: () => 'mended' });
