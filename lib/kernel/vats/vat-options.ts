/** The options and limits that a vat's incarnation runs with. */
import type { Platform } from '../../platform/types.js';
import type { DynamicVatOptions } from '../../state/events.js';
import type { KernelState } from '../../state/kernel-state.js';
import type { VatID } from '../../types/ids.js';
import { CURRENT_LIMITS, METERED_COMPUTRONS } from '../../types/vat-limits.js';
import type {
  DirtThreshold,
  ManagerType,
  RecordedLimits,
  VatOptions,
  WorkerOptions,
} from '../../types/vat-options.js';

type XsnapOptions = Extract<WorkerOptions, { type: 'xsnap' }>;

/** The running platform. */
export interface PlatformPorts {
  readonly platform: Platform;
  /** Platform image that new xsnap incarnations start from; without one they start from bundles. */
  readonly imageID: string | undefined;
}

/** What decides about a worker of a platform of our own. */
const ownOptions = ({ fingerprint }: Platform): Partial<XsnapOptions> => {
  const { imageBundles, serveImportBundle } = fingerprint;
  return {
    ...(imageBundles.length > 0 && { imageBundles }),
    ...(serveImportBundle && { serveImportBundle }),
  };
};

const makeWorkerOptions = (
  { platform, imageID }: PlatformPorts,
  type: ManagerType,
): WorkerOptions =>
  type === 'local'
    ? { type }
    : {
        type,
        bundleIDs: platform.bundleIDs,
        ...(imageID !== undefined && { imageID }),
        engine: platform.fingerprint.engine,
        ...(platform.heapRule !== undefined && { heapRule: platform.heapRule }),
        ...ownOptions(platform),
      };

const makeDirtThreshold = (options: DynamicVatOptions): DirtThreshold => {
  if (options.neverReap) return { never: true };
  return {
    ...(options.reapInterval !== undefined && { deliveries: options.reapInterval }),
    ...(options.reapGCKrefs !== undefined && { gcKrefs: options.reapGCKrefs }),
  };
};

/** Only a local worker can run a vat with a `setup` function. */
const chooseManagerType = (state: KernelState, options: DynamicVatOptions): ManagerType =>
  options.enableSetup
    ? 'local'
    : ((options.managerType as ManagerType | undefined) ?? state.settings.defaultManagerType);

/** The stored record of a new vat's options. */
export const makeVatOptions = (
  ports: PlatformPorts & { readonly state: KernelState },
  options: DynamicVatOptions,
): VatOptions => ({
  workerOptions: makeWorkerOptions(ports, chooseManagerType(ports.state, options)),
  ...(options.name !== undefined && { name: options.name }),
  enableSetup: options.enableSetup ?? false,
  enablePipelining: options.enablePipelining ?? false,
  enableDisavow: options.enableDisavow ?? false,
  useTranscript: options.useTranscript ?? true,
  reapDirtThreshold: makeDirtThreshold(options),
  critical: options.critical ?? false,
  ...(options.meterID !== undefined && { meterID: options.meterID as VatOptions['meterID'] }),
  limits: makeRecordedLimits(
    ports.state,
    chooseManagerType(ports.state, options),
    options.meterID !== undefined,
  ),
});

/** Records the running platform and the present limits for the vat's next incarnation. */
export const adoptCurrentPlatform = (
  ports: PlatformPorts & { readonly state: KernelState },
  vatID: VatID,
): void => {
  const options = ports.state.vats.getOptions(vatID);
  const { type } = options.workerOptions;
  ports.state.vats.setOptions(vatID, {
    ...options,
    workerOptions: makeWorkerOptions(ports, type),
    limits: makeRecordedLimits(ports.state, type, options.meterID !== undefined),
  });
};

/** The limits that an incarnation keeps for its whole life. */
const makeRecordedLimits = (
  { settings: { computronLimit } }: Pick<KernelState, 'settings'>,
  type: ManagerType,
  hasMeter: boolean,
): RecordedLimits => {
  const most = computronLimit === 'never' ? Infinity : computronLimit;
  const computrons = hasMeter ? Math.min(METERED_COMPUTRONS, most) : most;
  // Nothing counts the computrons of a local worker.
  const isLimited = type === 'xsnap' && Number.isFinite(computrons);
  return { table: CURRENT_LIMITS, ...(isLimited && { computrons }) };
};
