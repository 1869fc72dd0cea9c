/** What the block host adds to every chain: the vat of `lib/vats/chain`, and the code of others. */
export const CHAIN_VAT = 'chain';

/** The named bundle that each proposal's vat is made of. */
export const PROPOSAL_BUNDLE = 'chain-proposal';
