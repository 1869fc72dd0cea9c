import { executionAsyncId } from 'node:async_hooks';
import { expect } from 'chai';
import '../../lib/endo-environment/switch-off-promise-hooks.js';

/** Zero in a continuation whose promise nobody tracked. */
const idOfContinuation = async (): Promise<number> => {
  await Promise.resolve();
  return executionAsyncId();
};

describe("node's promise hooks", () => {
  it('are off after the loading of endo', async () => {
    expect(await new Promise(resolve => setImmediate(() => resolve(idOfContinuation())))).to.equal(
      0,
    );
  });
});
