/** The events in the run-queue, the acceptance queue and the wait queues, as stored in JSON. */
import type { BundleID, KRef, ObjectKRef, PromiseKRef, VatID } from '../types/ids.js';
import type { CleanupBudget } from '../types/policies.js';
import type { CapData, Message } from '../types/messages.js';
import type { VatSource } from '../types/vat-options.js';

/** The options in a create-vat event: those that were given, under SwingSet's names. */
export interface DynamicVatOptions {
  readonly name?: string;
  readonly critical?: boolean;
  readonly meterID?: string;
  readonly managerType?: string;
  readonly enableSetup?: boolean;
  readonly enablePipelining?: boolean;
  readonly enableDisavow?: boolean;
  readonly useTranscript?: boolean;
  readonly reapInterval?: number | 'never';
  readonly reapGCKrefs?: number | 'never';
  readonly neverReap?: boolean;
}

export type RunQueueEvent =
  | { readonly type: 'send'; readonly target: KRef; readonly msg: Message<KRef> }
  | { readonly type: 'notify'; readonly vatID: VatID; readonly kpid: PromiseKRef }
  | {
      readonly type: 'create-vat';
      readonly vatID: VatID;
      readonly source: VatSource;
      readonly vatParameters: CapData<KRef>;
      readonly dynamicOptions: DynamicVatOptions;
    }
  | {
      readonly type: 'startVat';
      readonly vatID: VatID;
      readonly vatParameters: CapData<KRef>;
    }
  | {
      readonly type: 'upgrade-vat';
      readonly vatID: VatID;
      readonly upgradeID: string;
      readonly bundleID: BundleID;
      readonly vatParameters: CapData<KRef>;
      readonly upgradeMessage: string;
      /** Ours: got `pauseService()`, and gets `resumeService()` if the upgrade fails. */
      readonly pausedTarget?: ObjectKRef;
    }
  /** Ours: requested with `E(adminNode).restart()`. */
  | {
      readonly type: 'restart-vat';
      readonly vatID: VatID;
      readonly upgradeID: string;
      readonly upgradeMessage: string;
      /** Without them, the vat starts with those of its last start. */
      readonly vatParameters?: CapData<KRef>;
    }
  | {
      readonly type: 'changeVatOptions';
      readonly vatID: VatID;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'bringOutYourDead'; readonly vatID: VatID }
  /** Ours: requested by the host. */
  | { readonly type: 'terminate-vat'; readonly vatID: VatID; readonly reason: CapData<KRef> }
  /** Ours: requested with `E(adminNode).suspend()` and `.resume()`. */
  | { readonly type: 'suspend-vat' | 'resume-vat'; readonly vatID: VatID };

export type GCActionType = 'dropExport' | 'retireExport' | 'retireImport';

/** The subject of a crank: a queued event, or one that the kernel derived from its tables. */
export type KernelEvent =
  | RunQueueEvent
  | {
      readonly type: 'dropExports' | 'retireExports' | 'retireImports';
      readonly vatID: VatID;
      readonly krefs: readonly KRef[];
    }
  | { readonly type: 'negated-gc-action'; readonly vatID: VatID }
  | {
      readonly type: 'cleanup-terminated-vat';
      readonly vatID: VatID;
      readonly budget: CleanupBudget;
    };

/** Every reference that a queued event holds, repeated as often as it counts. */
export const referencesOf = (event: RunQueueEvent): readonly KRef[] => {
  switch (event.type) {
    case 'send':
      return [event.target, ...referencesOfMessage(event.msg)];
    case 'notify':
      return [event.kpid];
    case 'create-vat':
    case 'startVat':
      return event.vatParameters.slots;
    case 'upgrade-vat':
      return [...event.vatParameters.slots, ...(event.pausedTarget ? [event.pausedTarget] : [])];
    case 'restart-vat':
      return event.vatParameters?.slots ?? [];
    case 'terminate-vat':
      return event.reason.slots;
    case 'changeVatOptions':
    case 'bringOutYourDead':
    case 'suspend-vat':
    case 'resume-vat':
      return [];
    default:
      return event satisfies never;
  }
};

export const referencesOfMessage = (message: Message<KRef>): readonly KRef[] => [
  ...(message.result ? [message.result] : []),
  ...message.methargs.slots,
];
