// Uses up whatever it is asked to.
import { Far } from '@endo/far';

const silent = {
  toString() {
    throw silent;
  },
};

export const buildRootObject = (vatPowers, { complain, sulk } = {}) => {
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
