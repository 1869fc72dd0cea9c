/** What becomes of a vat that misbehaves: the words of both catalogues. */

/** Of a message that makes the vat misbehave. */
export type RunFate =
  | { readonly kind: 'fulfilled'; readonly value: unknown }
  /** The vat goes on. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** The vat goes on, and its caller hears nothing. */
  | { readonly kind: 'unresolved' }
  /** The vat is terminated. A critical one stops the kernel. */
  | { readonly kind: 'ends'; readonly why: string }
  /** The vat ends, and what it did counts. A critical one stops the kernel. */
  | { readonly kind: 'leaves'; readonly value: unknown; readonly why: string }
  /** The worker counts as dead, three times. The kernel stops, or ends the vat if the host says so. */
  | { readonly kind: 'dies'; readonly why: string };

/** Of a start in which the vat misbehaves. */
export type StartFate =
  | { readonly kind: 'starts' }
  /** The vat is out of service, and its messages wait. A critical one stops the boot. */
  | { readonly kind: 'fails'; readonly why: string }
  /** The vat ends, and what waited is rejected. For a critical one, a creation or an upgrade: fails. */
  | { readonly kind: 'leaves'; readonly why: string }
  | { readonly kind: 'dies'; readonly why: string };

export const fulfilled = (value: unknown): RunFate => ({ kind: 'fulfilled', value });
export const rejected = (reason: string): RunFate => ({ kind: 'rejected', reason });
export const unresolved: RunFate = { kind: 'unresolved' };
export const ends = (why: string): RunFate => ({ kind: 'ends', why });
export const leaves = (why: string, value: unknown): RunFate => ({ kind: 'leaves', value, why });
export const leavesAtStart = (why: string): StartFate => ({ kind: 'leaves', why });
export const starts: StartFate = { kind: 'starts' };
export const fails = (why: string): StartFate => ({ kind: 'fails', why });
export const dies = (why: string) => ({ kind: 'dies', why }) as const;

/** One way to misbehave. Without a fate, it makes no sense there. */
export interface Behaviour {
  readonly name: string;
  readonly run?: RunFate;
  readonly start?: StartFate;
  /** Of a vat that is made so, if it differs. */
  readonly made?: StartFate;
}
