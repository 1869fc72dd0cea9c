/** Checks what happened in the three lives against what platform epochs promise. */
import assert from 'node:assert/strict';
import type { Life } from './lives.js';

const incarnations = ({ vats }: Life) =>
  vats.map(({ vatID, incarnation }) => ({ vatID, incarnation }));

/** @throws AssertionError for the first promise that was broken */
export const checkLives = (first: Life, second: Life, third: Life): void => {
  assert.deepEqual(incarnations(second), incarnations(first), 'the same epoch restarted a vat');
  assert.equal(second.restart, undefined, 'the same epoch made a restart report');
  assert.deepEqual(
    incarnations(third),
    incarnations(second).map(vat => ({ ...vat, incarnation: vat.incarnation + 1 })),
    'the next epoch did not restart every vat',
  );
  assert.deepEqual(
    third.restart?.vats.map(({ vatID, result }) => ({ vatID, result })),
    second.vats.map(({ vatID }) => ({ vatID, result: 'restarted' })),
    'the restart report does not list every vat',
  );
  const balances = [first, second, third].map(({ report }) => report.ledger.balances);
  const expected = [1, 2, 3].map(life => ({ alice: life * 20, bob: life * 14 }));
  assert.deepEqual(balances, expected, 'the accounts are not what was saved');
  assert.deepEqual(
    [first, second, third].map(({ inFlight }) => inFlight.state),
    ['unresolved', 'unresolved', 'rejected'],
    'the promise in flight was not rejected by the restart, or too early',
  );
  const disconnection = {
    name: 'vatUpgraded',
    upgradeMessage: `platform epoch ${third.platformEpoch}`,
    incarnationNumber: 0,
  };
  assert.deepEqual(third.inFlight.value, disconnection);
  assert.deepEqual(third.report.alice, disconnection, 'alice did not hear of the restart');
  assert.deepEqual(third.report.bob, disconnection, 'bob did not hear of the restart');
};
