/** A host that makes blocks: each is one run and one commit, with the block's number in it. */
import type { SwingsetController } from '../../../lib/controller/types.js';
import { foreverPolicy } from '../../../lib/controller/run-policies.js';
import type { HostStorage } from '../../../lib/store/types.js';

const BLOCK = 'host.block';
const VATS_PER_BLOCK = 2;

export interface Blocks {
  readonly controller: SwingsetController;
  readonly hostStorage: HostStorage;
  /** How many blocks there are in all, also those of earlier lives. */
  readonly blocks: number;
  /** Called before each commit, and after each start of a sleeping vat. */
  readonly faultPoint?: ((name: string) => void) | undefined;
}

/** Runs the blocks that are left. */
export const runBlocks = async ({
  controller,
  hostStorage,
  blocks,
  faultPoint = () => undefined,
}: Blocks): Promise<void> => {
  for (let block = Number(hostStorage.kvStore.get(BLOCK) ?? 0); block < blocks; block += 1) {
    const policy = foreverPolicy({ restarts: { vats: VATS_PER_BLOCK } });
    let started = 0;
    await controller.run({
      ...policy,
      didRestart: details => {
        policy.didRestart?.(details);
        started += 1;
        faultPoint(`block ${block}: start ${started}`);
      },
    });
    faultPoint(`block ${block}: before its commit`);
    hostStorage.kvStore.set(BLOCK, String(block + 1));
    await hostStorage.commit();
  }
};
