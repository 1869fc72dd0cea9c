/**
 * Owns every change of a vat's service (`lib/state/vat-service.ts`): what happens, and what the
 * vat's state is then. Nothing else writes that state; starts and ends of incarnations are up to the
 * callers.
 *
 * | event | in service | paused | sleeping | failed | held |
 * | --- | --- | --- | --- | --- | --- |
 * | `suspend` | held | held (p) | held (p) | held (p) | held (p) (j) |
 * | `pause` | paused | paused (j) | sleeping (j) | failed (j) | held (j) |
 * | `lift` | - | in service | sleeping | sleeping | sleeping |
 * | `sleep` | sleeping | sleeping (p) | sleeping (p) | sleeping (p) | - |
 * | `started` | - | - | in service (p) | in service (p) | in service (p) |
 * | `start-failed` | failed | failed (p) | failed (p) | failed (p) | failed (p) |
 * | `upgraded` | - | - | in service (p) | in service (p) | in service (p) (h) |
 * | `upgrade-failed` | - | - | sleeping (e) | failed (e) | held (e) |
 *
 * - "-": stays as it is.
 * - (p): keeps who paused it. A vat that goes back in service and was paused is `paused`.
 * - (j): if the host and an adminNode ask for the same, the host has asked for it.
 * - (h): the vat is paused by the host if the host held it and somebody else upgraded it, so that a
 *   dangerous vat can be mended before it runs.
 * - (e): records the error.
 *
 * `lift` is what `resume` and `unpause` have in common; after it, `resume` starts a sleeping vat at
 * once, `unpause` leaves that to the first delivery. An adminNode lifts nothing from a vat that the
 * host took out of service: the state stays. Every state keeps its `sinceCrank` until the vat is in
 * service. An error is forgotten when somebody suspends the vat, and when a restart lets it sleep.
 */
import type { KernelState } from '../../state/kernel-state.js';
import {
  isSuspended,
  type ServiceRequester,
  type SuspendedService,
  type VatService,
} from '../../types/vat-service.js';
import type { VatID } from '../../types/ids.js';
import type { FailurePolicy } from '../../types/platform-epoch.js';

export type ServiceEvent =
  | { readonly type: 'suspend' | 'pause' | 'lift' | 'upgraded'; readonly by: ServiceRequester }
  /** The incarnation has ended; the first delivery starts the next. */
  | { readonly type: 'sleep'; readonly onFailure: FailurePolicy }
  | { readonly type: 'started' }
  | { readonly type: 'start-failed' | 'upgrade-failed'; readonly error: string };

/** Whoever is harder to overrule. */
const jointly = (before: ServiceRequester | undefined, by: ServiceRequester): ServiceRequester =>
  before === 'host' ? before : by;

const isHeldByHost = (service: VatService): boolean =>
  (service.type === 'held' && service.by === 'host') ||
  (service.type !== 'in-service' && service.pausedBy === 'host');

/** May the requester bring the vat back? */
export const mayLift = (service: VatService, by: ServiceRequester): boolean =>
  by === 'host' || !isHeldByHost(service);

/** The vat has an incarnation again. */
const backFrom = ({ sinceCrank, pausedBy }: SuspendedService): VatService =>
  pausedBy ? { type: 'paused', pausedBy, sinceCrank } : { type: 'in-service' };

const upgraded = (service: SuspendedService, by: ServiceRequester): VatService => {
  const isStillHeld = service.type === 'held' && service.by === 'host' && by !== 'host';
  return backFrom(isStillHeld ? { ...service, pausedBy: 'host' } : service);
};

const lift = (service: VatService, by: ServiceRequester): VatService => {
  if (!mayLift(service, by)) return service;
  switch (service.type) {
    case 'in-service':
      return service;
    case 'paused':
      return { type: 'in-service' };
    case 'sleeping': {
      const { pausedBy: _lifted, ...sleeping } = service;
      return sleeping;
    }
    case 'failed':
    case 'held': {
      const { sinceCrank, error } = service;
      return { type: 'sleeping', ...(error !== undefined && { error }), sinceCrank };
    }
    default:
      return service satisfies never;
  }
};

/** The table above. `crankNumber`: now. */
export const nextService = (
  service: VatService,
  event: ServiceEvent,
  crankNumber: number,
): VatService => {
  const isOut = service.type !== 'in-service';
  const sinceCrank = isOut ? service.sinceCrank : crankNumber;
  const pausedBy = isOut ? service.pausedBy : undefined;
  const kept = { ...(pausedBy && { pausedBy }), sinceCrank };
  switch (event.type) {
    case 'suspend': {
      const before = service.type === 'held' ? service.by : undefined;
      return { type: 'held', by: jointly(before, event.by), ...kept };
    }
    case 'pause': {
      const paused = { pausedBy: jointly(pausedBy, event.by), sinceCrank };
      return isSuspended(service) ? { ...service, ...paused } : { type: 'paused', ...paused };
    }
    case 'lift':
      return lift(service, event.by);
    case 'sleep': {
      if (service.type === 'held') return service;
      const { onFailure } = event;
      return { type: 'sleeping', ...kept, ...(onFailure !== 'suspend' && { onFailure }) };
    }
    case 'started':
      return isSuspended(service) ? backFrom(service) : service;
    case 'start-failed':
      return { type: 'failed', error: event.error, ...kept };
    case 'upgraded':
      return isSuspended(service) ? upgraded(service, event.by) : service;
    case 'upgrade-failed':
      return isSuspended(service) ? { ...service, error: event.error } : service;
    default:
      return event satisfies never;
  }
};

/** Changes the state of a vat by one event after the other, and returns it. */
export const changeService = (
  { services, crankNumber }: Pick<KernelState, 'services' | 'crankNumber'>,
  vatID: VatID,
  ...events: readonly ServiceEvent[]
): VatService => {
  const before = services.get(vatID);
  const service = events.reduce(
    (present, event) => nextService(present, event, crankNumber),
    before,
  );
  if (service !== before) services.set(vatID, service);
  return service;
};

/** The vat has ended. */
export const forgetService = ({ services }: Pick<KernelState, 'services'>, vatID: VatID): void =>
  services.set(vatID, { type: 'in-service' });
