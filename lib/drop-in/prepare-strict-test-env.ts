/**
 * The same as `prepare-test-env`, with the rules of durability enforced, and with tools that start
 * one life of a vat after another.
 */
import '@agoric/swingset-liveslots/tools/prepare-strict-test-env.js';
import rawTest from 'ava';
import { vatDataOfTest } from './test-vat-data.js';
import { wrapTest } from './wrap-test.js';

export * from '@agoric/swingset-liveslots/tools/prepare-strict-test-env.js';

export const test = wrapTest(rawTest);

export const VatData = vatDataOfTest();
