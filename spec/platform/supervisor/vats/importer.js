// A vat that imports bundles itself, as contract facets do, and compares what it gets.
/* global HandledPromise */
import { Far } from '@endo/far';
import * as importer from '@endo/import-bundle';

const { bundleTestExports, importBundle } = importer;

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

/** What an import comes to, and how many turns pass until each step. */
const countTurns = async (start, prepare = () => {}) => {
  let turns = 0;
  let isDone = false;
  const count = async () => {
    while (!isDone) {
      await null;
      turns += 1;
    }
  };
  const notes = [];
  const note = text => void notes.push(`${text} at ${turns}`);
  void count();
  const outcome = await trying(async () => {
    const imported = start(note);
    prepare();
    return Object.keys(await imported);
  });
  note('outcome');
  isDone = true;
  return harden([outcome, notes]);
};

const describe = f => {
  const properties = Object.getOwnPropertyDescriptors(f);
  return Reflect.ownKeys(properties).map(
    key =>
      `${String(key)} ${properties[key].value} ${properties[key].writable} ${properties[key].configurable}`,
  );
};

export const buildRootObject = (_vatPowers, { bundles }) => {
  const endowments = { console, greeting: 'hello', HandledPromise };
  return Far('importer', {
    describe: () => {
      const AsyncFunction = Object.getPrototypeOf(async () => {});
      return harden([
        ...Reflect.ownKeys(importer).map(String),
        ...Object.keys(importer).flatMap(name => [
          name,
          ...describe(importer[name]),
          Object.getPrototypeOf(importer[name]) === AsyncFunction,
          Object.isExtensible(importer[name]),
          String(importer[name]),
        ]),
        importer.typedImportBundle === importBundle,
      ]);
    },
    countTurns: (format, options = {}, powers = {}) =>
      countTurns(note =>
        importBundle(bundles[format], { endowments: { ...endowments, note }, ...options }, powers),
      ),
    /** Options that JSON has no word for. */
    countTurnsOf: async format => {
      const bundle = bundles[format];
      const changing = { ...bundle };
      const unfrozen = { endowments };
      const reads = [];
      const watched = {
        get endowments() {
          reads.push('endowments');
          return { ...endowments };
        },
      };
      const watchedEndowments = {
        endowments: {
          get greeting() {
            reads.push('greeting');
            return 'hello';
          },
        },
      };
      const failing = {
        endowments: {
          get greeting() {
            throw Error('no greeting');
          },
        },
      };
      const results = [
        await countTurns(() => importBundle(bundle, watched)),
        await countTurns(() => importBundle(bundle, watchedEndowments)),
        await countTurns(() => importBundle(bundle, failing)),
        await countTurns(() => importBundle(bundle, null)),
        await countTurns(() => importBundle(bundle, { endowments: null })),
        await countTurns(() => importBundle(bundle, undefined, undefined)),
        await countTurns(() => importBundle(Object.create(bundle))),
        await countTurns(() => importBundle(bundle, Object.create({ endowments }))),
        await countTurns(() => importBundle()),
        await countTurns(note => {
          const options = { endowments: { note } };
          return [importBundle(bundle, options), importBundle(bundle, options)][1];
        }),
        (
          await countTurns(
            () => importBundle(changing, unfrozen),
            () => {
              changing.endoZipBase64 = 'none';
            },
          )
        )[0],
      ];
      return harden([results, reads]);
    },
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
