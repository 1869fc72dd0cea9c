/** The smallest code that a vat may load from a bundle. */
export const buildRootObject = () => harden({ double: n => n * 2 });
