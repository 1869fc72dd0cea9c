export { upgradeSwingset } from '../controller/schema-version.js';
export { applyVatOptionUpdates } from '../controller/vat-option-updates.js';
export type { VatOptionUpdate } from '../controller/vat-option-updates.js';
