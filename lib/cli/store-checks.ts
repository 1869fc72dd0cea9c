/**
 * The checks that `store verify` and `store repair` add to the store's own: they compare the
 * kernel's tables with each other, and derive what damaged rows should hold when other rows tell.
 */
import { quoteValue } from '../errors.js';
import { checkKernelState } from '../state/check-kernel-state.js';
import { makeDerivation } from '../state/derived-values.js';
import type { DerivedValue } from '../state/derived-values.js';
import type { StoreCheck } from '../store/verify-types.js';
import { checkSpanStarts } from './store-check-spans.js';
import { asCheckedStorage } from './store-view.js';

const remedyOf = ({ key, value }: DerivedValue): string =>
  `the other tables: ${key} should be ${quoteValue(value)}`;

const checkTables: StoreCheck = function* checkTables(view) {
  const storage = asCheckedStorage(view);
  const findings = checkKernelState(storage);
  const derive = makeDerivation(storage);
  const errors = findings.filter(({ severity }) => severity === 'error');
  // Counts derive from the c-lists: while one of these is wrong, no count is known.
  const soundLists = !errors.some(({ kind }) => kind === 'clist');
  for (const finding of findings) {
    const { severity, kind, key, problem } = finding;
    const isKnown = severity === 'error' && (soundLists || kind === 'clist');
    const correction = isKnown ? derive(finding) : undefined;
    yield {
      kind: 'kernel',
      thing: key,
      detail: problem,
      ...(severity !== 'error' && { note: severity }),
      ...(correction && { remedy: remedyOf(correction), correction }),
    };
  }
};

/** A store without a kernel passes them. */
export const kernelChecks: readonly StoreCheck[] = [checkTables, checkSpanStarts];
