/** Options that an object has from its prototype, as one of a class or one made from defaults has. */
import { expect } from 'chai';
import { buildVatController } from '../../lib/controller/build-vat-controller.js';
import { initializeSwingset, swingsetIsInitialized } from '../../lib/controller/initialize.js';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import type { SwingsetController } from '../../lib/controller/types.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { KernelStorage } from '../../lib/store/types.js';
import { errorOf, makeConfig, silent, withoutSystemVats } from './support.js';

const derived = <T extends object>(base: T): T => Object.create(base) as T;

const epochOf = async (controller: SwingsetController) => {
  const epoch = controller.getPlatformEpoch();
  await controller.shutdown();
  return epoch;
};

describe('options of a prototype', () => {
  let kernelStorage: KernelStorage;

  beforeEach(() => {
    ({ kernelStorage } = initSwingStore());
  });

  it('count for buildVatController', async () => {
    class Options {
      get kernelStorage() {
        return kernelStorage;
      }
      get console() {
        return silent;
      }
      get platformEpoch() {
        return 'spring';
      }
      get addTimer() {
        return false;
      }
    }
    const options = Object.assign(new Options(), { addComms: false, addVattp: false });
    const controller = await buildVatController(derived(makeConfig('local')), [], options);
    expect(controller.bootstrapResult, 'the bootstrap of the configuration').to.match(/^kp/);
    expect(() => controller.vatNameToID('timer')).to.throw();
    expect(await epochOf(controller)).to.equal('spring');
    expect(swingsetIsInitialized(kernelStorage)).to.equal(true);
  });

  it('count for initializeSwingset and makeSwingsetController, in both of its forms', async () => {
    const options = derived({ ...withoutSystemVats, platformEpoch: 'spring' });
    await initializeSwingset(makeConfig('local'), [], kernelStorage, options);
    const asked = (platformEpoch: string) => derived({ platformEpoch, console: silent });
    const summer = await makeSwingsetController(kernelStorage, {}, asked('summer'));
    expect(await epochOf(summer)).to.equal('summer');
    const bag = derived({ ...{ kernelStorage, console: silent }, platformEpoch: 'autumn' });
    expect(await epochOf(await makeSwingsetController(bag))).to.equal('autumn');
  });

  it('are checked like others', async () => {
    const options = derived({ platformGuard: 'never', console: silent });
    const error = await errorOf(() => makeSwingsetController(kernelStorage, {}, options as never));
    expect(error).to.include({ code: 'BAD_OPTION', field: 'runtimeOptions.platformGuard' });
    const signal = {} as AbortSignal;
    const refused = await errorOf(() => makeSwingsetController(kernelStorage, {}, { signal }));
    expect(refused).to.include({ code: 'BAD_OPTION', field: 'runtimeOptions.signal' });
  });
});
