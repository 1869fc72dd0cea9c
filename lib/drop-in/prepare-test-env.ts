/**
 * Prepares a test file of ava for code of vats: locks down, and provides the global `VatData` with
 * durable and virtual data in RAM. Import it first.
 */
import '@agoric/swingset-liveslots/tools/prepare-test-env.js';
import rawTest from 'ava';
import { vatDataOfTest } from './test-vat-data.js';
import { wrapTest } from './wrap-test.js';

export const test = wrapTest(rawTest);

export const VatData = vatDataOfTest();
