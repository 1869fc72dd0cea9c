/** The verdict over a damaged store: detected, or without logical effect. */
import type { Examination } from './examine.js';

export type Verdict =
  /** A typed error stopped the host. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The host went on, and `store verify` says what is damaged. */
  | { readonly kind: 'found' }
  /** All came to what it comes to without the damage. */
  | { readonly kind: 'harmless' }
  /** All came to what it comes to from another commit of this store. */
  | { readonly kind: 'another commit' }
  | { readonly kind: 'wrong'; readonly why: string };

export const judge = (
  examination: Examination | 'hung' | 'died',
  undisturbed: string | undefined,
): Verdict => {
  if (typeof examination === 'string') return { kind: 'wrong', why: `the process ${examination}` };
  const { problems, failures, outcome } = examination;
  const untyped = failures.find(({ code }) => code === undefined);
  if (untyped) return { kind: 'wrong', why: `an untyped error: ${untyped.text}` };
  const [refusal] = failures;
  if (outcome === undefined) return { kind: 'refused', code: refusal?.code ?? '' };
  if (outcome === undisturbed) return { kind: 'harmless' };
  if (problems.length > 0) return { kind: 'found' };
  return { kind: 'wrong', why: `silent: it came to ${outcome}` };
};
