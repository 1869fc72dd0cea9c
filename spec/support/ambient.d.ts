// SwingSet itself, which benches and specs compare with, ships no types.
declare module '@agoric/swingset-vat';
declare module '@agoric/swingset-vat/*';
declare module '@agoric/swing-store';
declare module '@agoric/swing-store/*';
