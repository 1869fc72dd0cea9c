// Uses up whatever it is asked to.
import { Far } from '@endo/far';

const silent = {
  toString() {
    throw silent;
  },
};

/** Its text throws what is nested `depth` deep. */
const nestedText = depth => ({
  toString() {
    let name = [];
    for (let i = 1; i < depth; i += 1) name = [name];
    throw { name, message: 'nested' };
  },
});

export const buildRootObject = (vatPowers, { complain, sulk, nest } = {}) => {
  if (nest) throw nestedText(nest);
  if (complain) throw Error('x'.repeat(complain));
  if (sulk) throw silent;
  return Far('exhauster', {
    noop: () => {},
    compute: () => {
      vatPowers.testLog('computing');
      for (;;);
    },
    stack: () => {
      const deeper = () => deeper() + 1;
      return deeper();
    },
    nativeStack: () => {
      let nested = [];
      for (let i = 0; i < 1_000_000; i += 1) nested = [nested];
      return JSON.stringify(nested);
    },
    heap: () => {
      const kept = [];
      for (;;) kept.push(new Uint8Array(100_000_000));
    },
    talk: length => {
      console.log('x'.repeat(length));
      vatPowers.testLog('y'.repeat(length));
      console.log('that was long');
    },
  });
};
