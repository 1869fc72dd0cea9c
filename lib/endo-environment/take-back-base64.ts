import { lent } from './lend-base64.js';

// Vats' compartments inherit a global `Base64`, and Node has none.
delete lent.Base64;
