/** How a vat fails, or ends, or does neither. */
import { Far } from '@endo/far';

const text = length => 'x'.repeat(length);

/** So long as JSON. Computrons count each character once. */
const escapes = length => '\u0001'.repeat(length / 6);
const forever = () => {
  for (;;);
};

/** Nothing to be had from it without a loop. */
const loopingText = () => ({
  toString: forever,
  valueOf: forever,
  toJSON: forever,
  get name() {
    return forever();
  },
  get message() {
    return forever();
  },
});

const rejectLater = () => {
  Promise.resolve().then(() => {
    throw Error('to nobody');
  });
};

export const endings = {
  nothing: () => 'nothing',
  throws: () => {
    throw Error('on purpose');
  },
  throwsNothing: () => {
    throw undefined;
  },
  throwsFunction: () => {
    throw () => undefined;
  },
  throwsGetter: () => {
    throw {
      get message() {
        return 'got';
      },
    };
  },
  throwsText: () => {
    throw {
      toString() {
        throw {};
      },
    };
  },
  throwsLoop: () => {
    throw loopingText();
  },
  throwsLoopingError: () => {
    const error = Error('looks like any other');
    Object.defineProperty(error, 'message', { get: forever });
    throw error;
  },
  throwsHuge: () => {
    throw Error(text(5_000_000));
  },
  throwsTooHuge: () => {
    throw Error(escapes(11_000_000));
  },
  throwsImmense: () => {
    throw Error(text(30_000_000));
  },
  failsInNobodysPromise: () => {
    for (let i = 0; i < 1000; i += 1) rejectLater();
    return 'nobody heard';
  },
  neverResolves: () => new Promise(() => undefined),
  resolvesToItself: () => {
    let resolve;
    const promise = new Promise(done => {
      resolve = done;
    });
    resolve(promise);
    return promise;
  },
  exits: ({ vatPowers }) => vatPowers.exitVat('bye'),
  exitsWithFailure: ({ vatPowers }) => vatPowers.exitVatWithFailure(Error('told to')),
  exitsTwice: ({ vatPowers }) => {
    vatPowers.exitVat('once');
    vatPowers.exitVatWithFailure(Error('and again'));
  },
  exitsHuge: ({ vatPowers }) => vatPowers.exitVat(escapes(11_000_000)),
  /** As much as a vat may say, so that whoever repeats it with a word more says too much. */
  exitsLong: ({ vatPowers }) => vatPowers.exitVatWithFailure(Error(escapes(9_999_900))),
  exitsWithManyErrors: ({ vatPowers }) =>
    // Not from a length: the engine hardens only the first element of such an array.
    vatPowers.exitVat(harden([...Array(60_000)].map(() => Error('one of many')))),
  exitsDeep: ({ vatPowers }) => {
    let data = 'end';
    for (let i = 0; i < 39; i += 1) data = [data];
    vatPowers.exitVatWithFailure(harden(data));
  },
  exitsNaming: ({ vatPowers }) =>
    vatPowers.exitVatWithFailure(harden({ made: Far('just now', {}) })),
  exitsUnpassable: ({ vatPowers }) => vatPowers.exitVatWithFailure({ toString: forever }),
  // At a start only: what `buildRootObject` returns.
  rootOfNothing: { asRoot: () => undefined },
  rootOfData: { asRoot: () => harden({ ping: 'pong' }) },
  rootThatIsDurable: { asRoot: ({ notes }) => notes },
  rootThatIsAPromise: { asRoot: () => new Promise(() => undefined) },
  rootThatIsAProxy: {
    asRoot: () => new Proxy({}, { get: forever, ownKeys: forever, getPrototypeOf: forever }),
  },
  rootThatThens: { asRoot: () => ({ then: forever }) },
};
