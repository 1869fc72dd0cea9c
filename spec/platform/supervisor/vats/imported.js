// The bundle that `importer.js` imports.
/* global forced, greeting */
let count = 0;

export const counter = harden({
  add: () => {
    count += 1;
  },
  get: () => count,
});

export const globalOf = () => globalThis;

export const seen = () => {
  const names = ['console', 'VatData', 'greeting', 'forced', 'issueCommand', 'TextDecoder', 'URL'];
  console?.log('say nothing', typeof greeting);
  return [
    ...names.map(name => `${name} ${typeof globalThis[name]}`),
    typeof forced,
    typeof greeting,
    Function('return typeof VatData')(),
  ].join();
};
