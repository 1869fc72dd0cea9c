/** Decides what becomes of a vat that has no incarnation to go on with. */
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import type { FailurePolicy } from '../../types/platform-epoch.js';

/**
 * `suspend`: its deliveries wait, and it may start later. `terminate`: it ends. `panic`: the kernel
 * stops, and nothing is committed.
 */
export type Fate = FailurePolicy;

/** What a vat's fate depends on, besides the host's wish. */
export interface VatStanding {
  /** The kernel must not go on without it. */
  readonly critical: boolean;
  /** Without vat-admin nobody could make, upgrade or end vats. */
  readonly isVatAdmin: boolean;
}

export const standingOf = (state: KernelState, vatID: VatID): VatStanding => ({
  critical: state.vats.getOptions(vatID).critical,
  isVatAdmin: state.getVatAdminID() === vatID,
});

/** The fate of a vat that failed at its start. */
export const fateOf = ({ critical, isVatAdmin }: VatStanding, wish: FailurePolicy): Fate => {
  if (critical) return 'panic';
  return isVatAdmin && wish === 'terminate' ? 'suspend' : wish;
};
