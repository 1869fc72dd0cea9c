import { expect } from 'chai';
import type { Action } from '../../../lib/host/transactions/action-types.js';
import { BadTransactionError } from '../../../lib/host/transactions/errors.js';
import { makeKey } from '../../../lib/host/transactions/keys.js';

export const chainID = 'swingset-1';

/** A key that is the same in each run. */
export const keyOf = (seed: number) => makeKey(new Uint8Array(32).fill(seed));

/** The error of a call that must be refused. */
export const failureOf = (call: () => unknown): BadTransactionError => {
  try {
    call();
  } catch (error) {
    expect(error).to.be.instanceOf(BadTransactionError);
    return error as BadTransactionError;
  }
  throw Error('expected a BadTransactionError');
};

const sha512 = '5'.repeat(128);

/** One of each type, with all of its fields. */
export const everyAction: readonly Action[] = [
  { type: 'message', to: 'counter', method: 'increment', args: [1, { by: ['two'] }, null] },
  {
    type: 'mailbox',
    messages: [
      [1, 'first'],
      [2, 'second'],
    ],
    ack: 7,
  },
  { type: 'bridge', port: 'bank', message: { type: 'BALANCE', amount: '1.5' } },
  { type: 'installBundle', bundleID: `b1-${sha512}`, chunk: 1, chunks: 3, size: 10, bytes: 'AQI=' },
  { type: 'propose', code: 'async powers => {}', permits: { vats: true } },
  {
    type: 'scheduleUpgrade',
    plan: {
      name: 'upgrade-2',
      height: 100,
      info: '{"binaries":{}}',
      restart: {
        mode: 'rolling',
        onVatFailure: 'suspend',
        exempt: ['bank'],
        assumeEngine: 'installed',
        vatParameters: [{ name: 'bank', set: { fee: 1 } }],
      },
      params: { blockComputrons: 1 },
    },
  },
  { type: 'cancelUpgrade', name: 'upgrade-2' },
  { type: 'validator', publicKey: 'ab'.repeat(32), power: 10 },
];
