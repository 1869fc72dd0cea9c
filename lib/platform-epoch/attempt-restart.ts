/**
 * Steps 2-6 of a vat's restart (design.md 4, "Restarting one vat").
 *
 * Boundary: changes the tables it is given, and reports what the vat did. It doesn't decide what
 * becomes of a vat that fails, and tells nobody: the vat's crank and the run ahead of it both call it.
 */
import {
  endIncarnation,
  outlivesWorkers,
  replaceIncarnation,
  type EndOptions,
  type IncarnationEnd,
  type IncarnationPorts,
  type StartResult,
} from '../kernel/vats/incarnation.js';
import { changeService } from '../kernel/vats/service.js';
import { isUnborn, type UnbornPorts } from '../kernel/vats/unborn.js';
import { adoptCurrentPlatform } from '../kernel/vats/vat-options.js';
import type { VatID } from '../types/ids.js';
import type { FailurePolicy } from '../types/platform-epoch.js';

export interface AttemptPorts extends IncarnationPorts, UnbornPorts {
  readonly state: IncarnationPorts['state'];
}

export interface AttemptRequest {
  readonly vatID: VatID;
  /** What holders of the vat's promises and objects are told. */
  readonly upgradeMessage: string;
  /** The host's wish for a vat that can't start. */
  readonly onVatFailure: FailurePolicy;
  /** Only ends the incarnation. The first delivery starts the next one (modes `lazy` and `rolling`). */
  readonly startLater: boolean;
}

/** What the vat did. */
export type Attempt =
  /** It has never run. Its first incarnation starts on the new platform. */
  | { readonly kind: 'unstarted' }
  /** It stays suspended, because a host or an adminNode asked for that. */
  | { readonly kind: 'held'; readonly end: IncarnationEnd }
  /** Its first delivery starts it. */
  | { readonly kind: 'sleeps'; readonly end: IncarnationEnd }
  /** Its next worker takes the new platform. A vat without a transcript has no `start`. */
  | { readonly kind: 'started'; readonly end: IncarnationEnd; readonly start?: StartResult }
  | { readonly kind: 'failed'; readonly end: IncarnationEnd; readonly start: FailedStart };

type FailedStart = Extract<StartResult, { kind: 'failed' }>;

/** Called between steps, for faults that specs inject. */
export type Reach = (step: 'ended' | 'started') => void | Promise<void>;

/**
 * A rejected promise with policy `panic` doesn't stop the kernel here. The vat has done nothing wrong,
 * and the same promise would stop the kernel at every boot.
 */
export const endOptionsOf = ({ upgradeMessage }: AttemptRequest): EndOptions => ({
  upgradeMessage,
  mayPanic: false,
});

const replace = async (
  ports: AttemptPorts,
  request: AttemptRequest,
  reach: Reach,
): Promise<Attempt> => {
  const { vatID } = request;
  const { end, start } = await replaceIncarnation(ports, vatID, {
    ...endOptionsOf(request),
    between: () => reach('ended'),
    started: () => reach('started'),
    delivery: { chargeMeter: false },
  });
  if (start.kind === 'failed') return { kind: 'failed', end, start };
  changeService(ports.state, vatID, { type: 'started' });
  return { kind: 'started', end, start };
};

/** What a vat's turn comes to, before it is known whether the vat starts. */
export type TurnKind = 'unstarted' | 'outlives-workers' | 'held' | 'sleeps' | 'replaced';

/** @param hasParameters - whether it has parameters to start with when its turn comes */
export const turnKindOf = (
  ports: UnbornPorts,
  { vatID, startLater }: Pick<AttemptRequest, 'vatID' | 'startLater'>,
  hasParameters: boolean,
): TurnKind => {
  const { state } = ports;
  if (isUnborn(ports, vatID)) return 'unstarted';
  if (outlivesWorkers(state, vatID)) return 'outlives-workers';
  if (state.services.get(vatID).type === 'held') return 'held';
  // A vat without parameters can never start. Its failure should show now.
  return startLater && hasParameters ? 'sleeps' : 'replaced';
};

export const attemptRestart = async (
  ports: AttemptPorts,
  request: AttemptRequest,
  reach: Reach = () => undefined,
): Promise<Attempt> => {
  const { state } = ports;
  const { vatID, onVatFailure: onFailure } = request;
  const end = () => endIncarnation(ports, vatID, endOptionsOf(request));
  const kind = turnKindOf(ports, request, state.vats.getParameters(vatID) !== undefined);
  switch (kind) {
    case 'unstarted':
      adoptCurrentPlatform(ports, vatID);
      return { kind };
    case 'outlives-workers':
      return { kind: state.services.isSuspended(vatID) ? 'held' : 'started', end: await end() };
    case 'held': {
      const ended = await end();
      await reach('ended');
      return { kind, end: ended };
    }
    case 'sleeps': {
      const ended = await end();
      await reach('ended');
      changeService(state, vatID, { type: 'sleep', onFailure });
      return { kind, end: ended };
    }
    case 'replaced':
      return replace(ports, request, reach);
    default:
      return kind satisfies never;
  }
};
