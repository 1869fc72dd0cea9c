/**
 * The checks that `store verify` and `store repair` run besides the store's own: the kernel's tables
 * against each other, with what damaged rows should be where that follows from others.
 */
import { checkKernelState } from '../state/check-kernel-state.js';
import { checkQueueLengths, isClistKey, makeDerivation } from '../state/derived-values.js';
import type { DerivedValue } from '../state/derived-values.js';
import type { StoreCheck } from '../store/verify-types.js';
import { checkSpanStarts } from './store-check-spans.js';
import { readOnlyStorage } from './store-view.js';

const remedyOf = ({ key, value }: DerivedValue): string =>
  `the other tables: ${key} should be ${JSON.stringify(value)}`;

const checkTables: StoreCheck = function* checkTables(view) {
  const storage = readOnlyStorage(view);
  const findings = checkKernelState(storage);
  const derive = makeDerivation(storage);
  // Counts are made of the c-lists: while one of these is wrong, no count is known.
  const soundLists = !findings.some(({ severity, key }) => severity === 'error' && isClistKey(key));
  for (const { severity, key, problem } of findings) {
    const isKnown = severity === 'error' && (soundLists || isClistKey(key));
    const correction = isKnown ? derive(key) : undefined;
    yield {
      kind: 'kernel',
      thing: key,
      detail: problem,
      ...(severity !== 'error' && { note: severity }),
      ...(correction && { remedy: remedyOf(correction), correction }),
    };
  }
};

const checkLengths: StoreCheck = function* checkLengths(view) {
  const wrong = checkQueueLengths(readOnlyStorage(view));
  if (wrong === undefined) return;
  const { key, value, problem } = wrong;
  yield {
    kind: 'kernel',
    thing: key,
    detail: problem,
    remedy: 'the queues themselves',
    correction: { key, value },
  };
};

/** A store without a kernel passes them. */
export const kernelChecks: readonly StoreCheck[] = [checkTables, checkLengths, checkSpanStarts];
