import { Far } from '@endo/far';

export const buildRootObject = () =>
  Far('maker', {
    make: index => Far(`thing ${index}`, {}),
    never: () => new Promise(() => undefined),
    fail: () => {
      throw Error('<script>window.hacked = 1</script> failed');
    },
  });
