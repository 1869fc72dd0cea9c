// Bundled twice: as `ses` has it, and with our edits.
export { transforms } from 'ses/tools.js';
