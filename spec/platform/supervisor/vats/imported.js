// The bundle that `importer.js` imports.
/* global forced, greeting, note */
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

// When this body runs, and how far a chain of promises gets that it starts.
if (typeof note === 'function') {
  note('body');
  (async () => {
    for (let turn = 1; turn <= 12; turn += 1) {
      await null;
      note(turn);
    }
  })();
}
