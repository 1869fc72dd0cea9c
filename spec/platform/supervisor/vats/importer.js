// A vat that imports bundles itself, as contract facets do, and compares what it gets.
import { Far } from '@endo/far';
import { bundleTestExports, importBundle } from '@endo/import-bundle';

const trying = async f => {
  try {
    return await f();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

/** What an importing vat can learn about a bundle of `imported.js`. */
const learn = async (bundle, options) => {
  const namespace = await importBundle(bundle, options);
  const { globalOf, seen, counter } = namespace.default ?? namespace;
  counter.add();
  return harden([
    Object.keys(namespace).sort(),
    globalOf() === globalThis,
    Object.isFrozen(globalOf()),
    globalOf().WeakMap === WeakMap,
    globalOf().Compartment === Compartment,
    new (globalOf().Compartment)().globalThis.WeakMap === WeakMap,
    seen(),
    counter.get(),
  ]);
};

export const buildRootObject = (_vatPowers, { bundles }) => {
  const endowments = { console, greeting: 'hello' };
  return Far('importer', {
    learn: (format, options = {}) =>
      trying(() => learn(bundles[format], { endowments, ...options })),
    learnWithout: format => trying(() => learn(bundles[format])),
    learnInescapable: format =>
      trying(() =>
        learn(bundles[format], {
          endowments,
          inescapableGlobalProperties: { forced: 'yes' },
        }),
      ),
    learnTransformed: format =>
      trying(() =>
        learn(bundles[format], {
          endowments,
          transforms: [source => source.replace('say nothing', 'say something')],
        }),
      ),
    /** Twice the same bundle: nothing is shared. */
    learnTwice: async format => [
      await trying(() => learn(bundles[format], { endowments })),
      await trying(() => learn(bundles[format], { endowments })),
    ],
    learnTestBundle: () =>
      trying(async () => {
        const exports = { a: 1, b: () => 2 };
        return Object.keys(await importBundle(bundleTestExports(exports)));
      }),
  });
};
