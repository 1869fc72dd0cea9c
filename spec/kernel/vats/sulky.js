/** A service whose `pauseService` fails, or answers only when it is told to. */
import { Far } from '@endo/far';

export const buildRootObject = (_vatPowers, { how } = {}) => {
  let answer;
  return Far('sulky', {
    pauseService() {
      if (how === 'fails') throw Error('not now');
      return new Promise(resolve => {
        answer = resolve;
      });
    },
    goOn: () => answer(true),
  });
};
