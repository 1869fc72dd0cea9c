// SwingSet's own packages, which benches and specs compare with, have no types.
declare module '@agoric/swingset-vat';
declare module '@agoric/swingset-vat/*';
declare module '@agoric/swing-store';
declare module '@agoric/swing-store/*';
