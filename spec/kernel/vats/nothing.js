// A bundle that is no vat.
export const nothing = true;
