/** A process of `replicas.ts`: runs the orders that it gets, one at a time. */
import '@endo/init/debug.js';
import type { ReplicaAnswer, ReplicaOrder } from './replica-order.js';
import { soak, untilCrank } from './soak.js';

const answerTo = async ({ cranks, ...order }: ReplicaOrder): Promise<ReplicaAnswer> => {
  try {
    const { trace } = await soak({
      ...order,
      ...{ vats: 4, goesOn: untilCrank(cranks), traces: true, replayEvery: 0 },
    });
    return { trace };
  } catch (error) {
    return { failure: error instanceof Error ? String(error.stack) : String(error) };
  }
};

process.on('message', order => {
  void answerTo(order as ReplicaOrder).then(answer => process.send?.(answer));
});
