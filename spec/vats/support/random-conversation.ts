/** Two comms vats that send, settle, drop and retire at random until nothing is in flight. */
import { expect } from 'chai';
import { makeRandom } from '../../support/random.js';
import { CommsUsers } from './comms-users.js';

const actions = ['send', 'settle', 'drop', 'retire', 'receive', 'receive'] as const;

/** What was resolved, and what that mentions, is kept until it is acknowledged. */
const conclude = (a: CommsUsers, b: CommsUsers): void => {
  for (let acks = 0; acks < 3; acks += 1) {
    for (let turn = 0; turn < 1000 && !(a.isIdle() && b.isIdle()); turn += 1) {
      a.receiveFrom(b);
      b.receiveFrom(a);
      a.finish();
      b.finish();
    }
    a.acknowledge();
    b.acknowledge();
  }
  a.receiveFrom(b);
  b.receiveFrom(a);
};

/** Expects that both keep the rules and leave nothing behind. */
export const converse = (seed: number, steps: number): void => {
  const random = makeRandom(seed);
  const [a, b] = [new CommsUsers(random), new CommsUsers(random)];
  const note = `seed ${seed}`;
  try {
    for (let step = 0; step < steps; step += 1) {
      const [one, other] = random.below(2) === 0 ? [a, b] : [b, a];
      const action = actions[random.below(actions.length)] ?? 'receive';
      if (action === 'receive') one.receiveFrom(other);
      else one[action]();
    }
    conclude(a, b);
  } catch (error) {
    throw Error(`${note}: ${String(error)}`, { cause: error });
  }
  for (const users of [a, b]) {
    expect(users.machine.tableKeys(), note).to.deep.equal([]);
    expect(users.left(), note).to.deep.equal({ own: [], promises: [] });
  }
};
