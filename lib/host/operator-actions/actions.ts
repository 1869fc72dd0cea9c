/**
 * What an operator may ask of a swingset: types, and the schemas of what the solo server takes
 * (`lib/host/solo-server/http/actions.ts`). Fastify's ajv checks requests against them.
 */
import Type from 'typebox';
import type { Static } from 'typebox';
import type { RunQueueEvent } from '../../state/events.js';
import type { BundleID, VatID } from '../../types/ids.js';

const exact = { additionalProperties: false };

/** Longer texts are no use, and are kept by the kernel. */
const text = () => Type.String({ minLength: 1, maxLength: 1_000 });

/** The name of a static vat, or the vatID of any. */
const vat = text;

/** In the notation of vat parameters: JSON, with `{ "@kref": … }` and the like. */
const parameters = () => Type.Optional(Type.Unknown());

/** Told to the holders of promises that the vat's old incarnation was to decide. */
const message = () => Type.Optional(text());

export const actionBodies = {
  suspend: Type.Object({ vat: vat() }, exact),
  resume: Type.Object({ vat: vat() }, exact),
  restart: Type.Object({ vat: vat(), parameters: parameters(), message: message() }, exact),
  upgrade: Type.Object(
    { vat: vat(), bundleID: text(), parameters: parameters(), message: message() },
    exact,
  ),
  /** `reason`: what holders of the vat's `done()` promise are told. */
  terminate: Type.Object({ vat: vat(), reason: Type.Optional(text()) }, exact),
  drop: Type.Object(
    {
      /** The vat out of service that the event waits for. Without it: the run-queue. */
      vat: Type.Optional(vat()),
      /** How many events stand before it. */
      index: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      /** The event that is there, so that no other one is dropped. */
      event: Type.Object({ type: text() }),
    },
    exact,
  ),
} as const;

export type ActionName = keyof typeof actionBodies;

/** What a request for an action holds. `vat` is a name or a vatID. */
export type ActionBody<A extends ActionName> = Static<(typeof actionBodies)[A]>;

/** Two actions on a vat, with nothing to say about them. */
interface Plain {
  readonly action: 'suspend' | 'resume';
  readonly vatID: VatID;
}

interface RestartAction {
  readonly action: 'restart';
  readonly vatID: VatID;
  /** Default: those that the vat has retained. */
  readonly parameters?: unknown;
  readonly message?: string;
}

export interface UpgradeAction extends Omit<RestartAction, 'action'> {
  readonly action: 'upgrade';
  /** Of an installed bundle. */
  readonly bundleID: BundleID;
}

export interface TerminateAction {
  readonly action: 'terminate';
  readonly vatID: VatID;
  readonly reason?: string;
}

interface DropAction {
  readonly action: 'drop';
  readonly vatID?: VatID;
  readonly index: number;
  readonly event: RunQueueEvent;
}

/** An action that is done when its block, or its commit, is. */
export type DirectAction = Plain | RestartAction | TerminateAction | DropAction;

/** What became of an upgrade. */
export interface UpgradeResult {
  /** The promise for vat-admin's answer. */
  readonly kpid: string;
  /** `unresolved`: it is queued, and vat-admin has not answered yet. */
  readonly status: 'fulfilled' | 'rejected' | 'unresolved';
  /** Why the vat could not be upgraded. */
  readonly problem?: string;
}
