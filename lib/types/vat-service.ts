/**
 * Is a vat in service, and if not, why? One record a vat; none means "in service".
 *
 * | type | incarnation | deliveries | why |
 * | --- | --- | --- | --- |
 * | `in-service` | runs | are made | |
 * | `paused` | runs | wait | somebody paused it |
 * | `sleeping` | none | start the next one; wait if `pausedBy` | a lazy restart, or nobody holds it any more |
 * | `failed` | none | wait | the next incarnation could not start |
 * | `held` | none | wait | somebody suspended it |
 *
 * These are the four combinations of suspended and paused of Agoric/agoric-sdk #8955. A suspended vat
 * has no incarnation; deliveries to a paused vat wait.
 *
 * Boundary: types, and questions about one record. `lib/state/vat-service.ts` stores it, and
 * `lib/kernel/vats/service.ts` owns every change.
 */
export type ServiceRequester = 'host' | 'adminNode';

interface OutOfService {
  /** Since when, whatever has changed after that. */
  readonly sinceCrank: number;
}

interface WithoutIncarnation extends OutOfService {
  /** Who paused the vat; starts don't change that. */
  readonly pausedBy?: ServiceRequester;
  /** Why the last start or upgrade failed. */
  readonly error?: string;
}

export interface PausedService extends OutOfService {
  readonly type: 'paused';
  readonly pausedBy: ServiceRequester;
}

export interface SleepingService extends WithoutIncarnation {
  readonly type: 'sleeping';
  /** What the host wants if the vat can't start. Default: it becomes `failed`. */
  readonly onFailure?: 'panic' | 'terminate';
}

export interface FailedService extends WithoutIncarnation {
  readonly type: 'failed';
  readonly error: string;
}

export interface HeldService extends WithoutIncarnation {
  readonly type: 'held';
  /** Who suspended the vat; new epochs don't start it. */
  readonly by: ServiceRequester;
}

export type SuspendedService = SleepingService | FailedService | HeldService;
export type StoredService = PausedService | SuspendedService;
export type VatService = { readonly type: 'in-service' } | StoredService;

export const IN_SERVICE: VatService = { type: 'in-service' };

/** Is the vat between incarnations? */
export const isSuspended = (service: VatService): service is SuspendedService =>
  service.type !== 'in-service' && service.type !== 'paused';

/** Do deliveries to the vat wait? */
export const isPaused = (service: VatService): boolean =>
  service.type === 'sleeping' ? service.pausedBy !== undefined : service.type !== 'in-service';
