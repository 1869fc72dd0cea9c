import { Far } from '@endo/far';

/** Does what it is told with `-- loop` or `-- throw`. */
export const buildRootObject = (_powers, { argv }) =>
  Far('bootstrap', {
    bootstrap: () => {
      if (argv[0] === 'throw') throw Error('no');
      console.log('looping');
      for (;;);
    },
  });
