/** The vat that the block host adds to every chain (`lib/vats/chain`). */
export const CHAIN_VAT = 'chain';
