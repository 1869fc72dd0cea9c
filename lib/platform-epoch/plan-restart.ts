/**
 * Plans a restart: which vats, which of them are exempt, with which parameters.
 *
 * Boundary: reads tables and asks the host; writes nothing.
 */
import { BadOptionError } from '../errors.js';
import { compareIDs, isVatID, type VatID } from '../types/ids.js';
import type { DecidingRestartOptions } from '../types/platform-epoch.js';
import { decidingOptionsOf, insistSameOptions } from './deciding-options.js';
import type { LiveVat, PlanParts } from './live-vats.js';
import { countQueued, type QueuedEvents } from './queued-events.js';
import type { PlatformRestartOptions } from './restart-options.js';
import type { PlatformEpochDecision } from './types.js';
import {
  keepRecordedParameters,
  settleParameters,
  type SettledParameters,
} from './vat-parameters.js';

type RestartDecision = Extract<PlatformEpochDecision, { kind: 'advance' | 'resume' }>;

/** Everything that a restart needs to know before it begins. */
export interface RestartPlan {
  readonly decision: RestartDecision;
  readonly options: PlatformRestartOptions;
  /** Those of the options that decide state, with their defaults. */
  readonly deciding: DecidingRestartOptions;
  readonly vats: readonly LiveVat[];
  /** Live vats that an earlier boot was done with. */
  readonly doneBefore: number;
  readonly exempt: ReadonlySet<VatID>;
  readonly queued: QueuedEvents;
  readonly parameters: SettledParameters;
}

/**
 * The vats that an option names. Dynamic vats get their names from other vats: one can't capture an
 * option meant for another vat by taking that vat's ID or a static vat's name.
 */
const findVats = (vats: readonly LiveVat[], nameOrID: string): readonly LiveVat[] => {
  if (isVatID(nameOrID)) return vats.filter(({ vatID }) => vatID === nameOrID);
  const named = vats.filter(({ name }) => name === nameOrID);
  const statics = named.filter(({ isStatic }) => isStatic);
  return statics.length > 0 ? statics : named;
};

const findExempt = (
  { liveVats }: PlanParts,
  vats: readonly LiveVat[],
  nameOrID: string,
  isResumed: boolean,
): VatID[] => {
  const refuse = (expected: string) =>
    new BadOptionError('platformRestart.exempt', nameOrID, expected);
  const found = findVats(vats, nameOrID);
  // The boot that this one resumes may have ended the vat, and the options must be the same.
  if (found.length === 0 && !isResumed) throw refuse('the name or vatID of a live vat');
  const lost = found.find(({ vatID }) => !liveVats.isLoadable(vatID));
  if (lost) {
    const loadable = 'a vat whose platform can still be loaded';
    const bound = liveVats.boundTo(lost.vatID);
    // Every store that SwingSet made.
    const isUnknown = bound !== undefined && bound.engine === undefined;
    throw refuse(
      isUnknown
        ? `${loadable} (the store does not record the engine of ${lost.vatID}: ` +
            "if it is the installed one, pass platformRestart.assumeEngine: 'installed', " +
            'or --assume-engine installed)'
        : loadable,
    );
  }
  return found.map(({ vatID }) => vatID);
};

/** @throws BadOptionError for options that don't fit the vats of this store */
export const planRestart = (
  parts: PlanParts,
  decision: RestartDecision,
  options: PlatformRestartOptions,
): RestartPlan => {
  const { state } = parts.lifecycle;
  const deciding = decidingOptionsOf(options);
  const begun = decision.kind === 'resume' ? state.platformEpochs.ledger().at(-1) : undefined;
  if (begun) insistSameOptions(begun.options, deciding);
  const vats = parts.liveVats.list();
  const lastDone = decision.kind === 'resume' ? state.platformEpochs.lastDone() : undefined;
  const isResumed = begun !== undefined;
  const exempt = new Set(
    (options.exempt ?? []).flatMap(each => findExempt(parts, vats, each, isResumed)),
  );
  const left = vats.filter(({ vatID }) => !lastDone || compareIDs(vatID, lastDone) > 0);
  const settle = decision.kind === 'resume' ? keepRecordedParameters : settleParameters;
  return {
    decision,
    options,
    deciding,
    vats: left,
    doneBefore: vats.length - left.length,
    exempt,
    queued: countQueued(state),
    parameters: settle(parts, { vats: left, exempt }, options),
  };
};

/** Does the vat's restart leave its start to the first delivery? */
export const startsLater = (
  { deciding: { mode } }: Pick<RestartPlan, 'deciding'>,
  { isStatic, critical }: Pick<LiveVat, 'isStatic' | 'critical'>,
): boolean =>
  // Critical vats start at boot in every mode: they must fail while nothing is committed.
  mode !== 'eager' && !isStatic && !critical;
