/** The public API: what `@agoric/swingset-vat` and `@agoric/swing-store` export, and platform epochs. */
// Must be first, because the other imports load endo.
import './endo-environment/load.js';

export { buildKernelBundles } from './controller/builtin-vats.js';
export { buildVatController } from './controller/build-vat-controller.js';
export type { BuiltVatController } from './controller/build-vat-controller.js';
export { loadBasedir, loadSwingsetConfigFile, normalizeConfig } from './controller/config-files.js';
export type { LoadBasedirOptions } from './controller/config-files.js';
export type {
  BundleFormat,
  BundleSpec,
  CodeSpec,
  DeviceSpec,
  ManagerTypeName,
  StaticVatOptions,
  StaticVatSpec,
  SwingSetConfig,
} from './controller/config-types.js';
export {
  initializeSwingset,
  initializeSwingsetKernel,
  swingsetIsInitialized,
} from './controller/initialize.js';
export { buildSwingsetKernelConfig } from './controller/kernel-config.js';
export type { SwingsetKernelConfig } from './controller/kernel-config.js';
export { makeSwingsetController } from './controller/make-controller.js';
export type {
  BuildVatControllerOptions,
  ControllerBag,
  DeviceEndowments,
  InitializationOptions,
  InitializationPowers,
  KernelBundles,
  SwingsetRuntimeOptions,
} from './controller/option-types.js';
export {
  computronCounter,
  crankCounter,
  foreverPolicy,
  noCleanup,
  someCleanup,
  wallClockWaiter,
} from './controller/run-policies.js';
export type { ComputronCounterOptions } from './controller/run-policies.js';
export { shape } from './controller/shape.js';
export { upgradeSwingset } from './controller/schema-version.js';
export { applyVatOptionUpdates } from './controller/vat-option-updates.js';
export type { VatOptionUpdate } from './controller/vat-option-updates.js';
export type { HostResultPolicy } from './kernel/facets/host-facet.js';
export type { SwingsetController } from './controller/types.js';

export { buildBridge } from './devices/bridge/bridge.js';
export { buildCommand } from './devices/command/command.js';
export { buildLoopbox } from './devices/loopbox/loopbox.js';
export { buildMailbox } from './devices/mailbox/mailbox.js';
export {
  buildMailboxStateMap,
  exportMailbox,
  exportMailboxData,
  importMailbox,
  makeEphemeralMailboxStorage,
} from './devices/mailbox/mailbox-state.js';
export { buildPlugin } from './devices/plugin/plugin.js';
export { buildTimer } from './devices/timer/timer.js';
export type { Timer } from './devices/timer/timer.js';

export { makeSwingStoreExporter } from './store/exporter.js';
export { importSwingStore } from './store/importer.js';
export { isSwingStore } from './store/directory.js';
export { makeArchiveSnapshot, makeArchiveTranscript } from './store/archiver.js';
export { initSwingStore, openSwingStore } from './store/swing-store.js';
export type { SwingStore } from './store/swing-store.js';
export type { SwingStoreOptions } from './store/options.js';
export type {
  Bundle,
  BundleStore,
  HostStorage,
  KernelStorage,
  SnapshotInfo,
} from './store/types.js';
export type { ArtifactMode } from './store/artifact-mode.js';
export type { DebugFacet as SnapStoreDebug } from './store/debug.js';
export { bundleIDFromName } from './store/export-names.js';
export type { ExporterOptions as ExportSwingStoreOptions } from './store/exporter.js';
export type { SwingStoreExporter } from './store/exporter.js';
export type { ImportOptions as ImportSwingStoreOptions } from './store/import-steps.js';
export { getKeyType } from './store/kv-store.js';

/** The other type names of SwingSet. A type of this file with the same name takes precedence. */
export type * from './drop-in/types-external.js';

export { checkKernelState } from './state/check-kernel-state.js';
export type { CheckedStorage, CheckOptions, StateFinding } from './state/check-kernel-state.js';
export { readEpochLedger } from './platform-epoch/ledger.js';
export type { PlatformGuard } from './platform-epoch/guard.js';
export type { PlatformRestartOptions } from './platform-epoch/restart-options.js';
export type {
  AbandonedObject,
  PlatformEpochDecision,
  PlatformRestartProgress,
  PlatformRestartReport,
  VatForParameters,
  VatParametersFunction,
  VatRestartResult,
} from './platform-epoch/types.js';
export type {
  PlatformEpoch,
  PlatformEpochRecord,
  PlatformRestartMode,
} from './types/platform-epoch.js';

export { rehearsePlatformEpoch } from './host/rehearse-platform-epoch.js';
export type { RehearsalOptions } from './host/rehearse-platform-epoch.js';
export type {
  CanaryProgress,
  CanaryReport,
  LateFailure,
  LateStart,
  RehearsalReport,
  VatRehearsal,
} from './platform-epoch/rehearsal-types.js';
export { renderRehearsalHtml } from './platform-epoch/report-html.js';
export { openOperator } from './host/operator-actions/operator.js';
export type { Operator } from './host/operator-actions/types.js';
export { openSoloHost } from './host/solo-host.js';
export type { BeforeCommitPorts, SoloHost, SoloHostOptions } from './host/solo-host.js';
export { startInspector } from './inspector/start-inspector.js';
export type { Inspector, InspectorOptions } from './inspector/start-inspector.js';
export { connectSoloServer } from './host/solo-server/client.js';
export type { SoloClient } from './host/solo-server/client.js';
export type { SoloBlock, SoloServerLimits, SoloServerOptions } from './host/solo-server/options.js';
export { makeSlogFile } from './telemetry/slog-file.js';
export type { SlogFile, SlogFileOptions } from './telemetry/slog-file.js';
export { joinSlogSenders } from './telemetry/slog-tee.js';
export { makeTelemetry } from './telemetry/make-telemetry.js';
export type { Telemetry, TelemetryOptions } from './telemetry/make-telemetry.js';
export type { ObservedKernel } from './telemetry/kernel-gauges.js';
export { startSoloServer } from './host/solo-server/start-solo-server.js';
export type { SoloServer } from './host/solo-server/start-solo-server.js';

export type { PlatformChoice, PlatformFingerprint, PlatformKind } from './types/platform-epoch.js';
export type { CleanupBudget, ResolutionPolicy, RunPolicy } from './types/policies.js';
export type { SuspensionStatus, VatStatus } from './kernel/facets/dump.js';
export type { VatOptions } from './types/vat-options.js';
export type { WarehousePolicy } from './workers/types.js';

export {
  BadIdentifierError,
  BadOptionError,
  DamagedRowError,
  KernelStateError,
  NotInitializedError,
  SchemaVersionError,
  SwingsetError,
} from './errors.js';
export {
  AllegedBundleError,
  AlreadyInitializedError,
  BadBundleError,
  BadOptionsError,
  ConfigFileError,
  KernelUsageError,
  MissingSourceError,
} from './controller/errors.js';
export { DeviceInputError, DeviceReferenceError, DeviceStartError } from './devices/errors.js';
export { TimerNotStartedError } from './devices/timer/timer.js';
export { UnknownVatError } from './host/find-vat.js';
export { ChainStoreError } from './host/operator-actions/chain-store.js';
export { SnapshotReplayError } from './host/replay-vat.js';
export { NoConfigError } from './host/solo-host.js';
export { SoloRequestError } from './host/solo-server/client.js';
export {
  SoloQueueFullError,
  SoloServerNotFoundError,
  SoloServerStoppedError,
  SoloTokenError,
} from './host/solo-server/errors.js';
export {
  CriticalVatError,
  DeviceCallsDifferError,
  VatLimitError,
  KernelBusyError,
  KernelNotRunningError,
  KernelPanicError,
  PanicPolicyError,
  VatStateError,
} from './kernel/delivery/errors.js';
export {
  BadPlatformEpochError,
  CriticalRestartError,
  PlatformEpochKindError,
  PlatformEpochRegressionError,
  PlatformChangeError,
  PlatformMismatchError,
  PlatformRestartNotAllowedError,
  PlatformRestartQueueNotEmptyError,
  PlatformRestartUnfinishedError,
  RestartFailedError,
} from './platform-epoch/errors.js';
export { SourceEditError } from './bundling/source-edits.js';
export {
  BadArchiveError,
  BadImageBundleError,
  EngineUnknownError,
  HeapFormatError,
  LongMessageError,
  PlatformBundleError,
  PlatformImageMismatchError,
  XsnapNotBuiltError,
  WorkerProtocolError,
  WorkerOvertimeError,
  WorkerSilentError,
  WorkersStoppedError,
  XsnapUnsupportedError,
} from './platform/errors.js';
export {
  BundleMismatchError,
  ExportDirectoryError,
  NotASwingStoreError,
  StoreArchiveError,
  StoreClosedError,
  StoreDamagedError,
  StoreExistsError,
  StoreImportError,
  StoreIOError,
  StoreLockedError,
  StoreMissingError,
  StoreSyncError,
  StoreUsageError,
} from './store/errors.js';
export {
  AnachrophobiaError,
  HeapNotWrittenError,
  TranscriptDamagedError,
  WarehouseClosedError,
  WorkerDiedError,
} from './workers/errors.js';
export { EnvironmentError } from './endo-environment/load.js';
