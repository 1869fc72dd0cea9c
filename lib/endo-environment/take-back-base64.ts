import { lent } from './lend-base64.js';

// Vats' compartments get `Base64` where there is one, and Node has none of its own.
delete lent.Base64;
