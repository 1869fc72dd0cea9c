import { makeStart } from './make-start.js';

export const meta = harden({ upgradability: 'canUpgrade' });
export const start = makeStart('v2');
