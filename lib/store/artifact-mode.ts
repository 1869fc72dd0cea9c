/**
 * Decides which artifacts an export or import includes, and whether a store has them all.
 *
 * | mode | spans | snapshots |
 * | --- | --- | --- |
 * | operational | the current span of each vat | those in use |
 * | replay | all spans of each vat's current incarnation | those in use |
 * | archival | all spans of vats that have a current span | those in use |
 * | debug | all that the store has | all that the store has |
 *
 * `debug` tolerates missing artifacts. Source: swing-store docs `data-export.md`.
 */
import { BadOptionError } from '../errors.js';
import { bundleName, snapshotName, spanArtifactName } from './export-names.js';
import type { SnapshotRecord, SpanRecord } from './export-names.js';
import type { Inventory } from './inventory.js';

export type ArtifactMode = 'operational' | 'replay' | 'archival' | 'debug';

const MODES: readonly string[] = ['operational', 'replay', 'archival', 'debug'];

export const isArtifactMode = (mode: unknown): mode is ArtifactMode =>
  typeof mode === 'string' && MODES.includes(mode);

/** @throws BadOptionError */
export const checkArtifactMode = (mode: unknown): ArtifactMode => {
  if (!isArtifactMode(mode)) {
    throw new BadOptionError('artifactMode', mode, `one of ${MODES.join(', ')}`);
  }
  return mode;
};

/** Whether the mode includes a span. `currentIncarnations` lists the vats with a current span. */
export const wantsSpan = (
  mode: ArtifactMode,
  span: SpanRecord,
  currentIncarnations: ReadonlyMap<string, number>,
): boolean => {
  switch (mode) {
    case 'operational':
      return span.isCurrent === 1;
    case 'replay':
      return currentIncarnations.get(span.vatID) === span.incarnation;
    case 'archival':
      return currentIncarnations.has(span.vatID);
    case 'debug':
      return true;
    default:
      return mode satisfies never;
  }
};

export const wantsSnapshot = (mode: ArtifactMode, snapshot: SnapshotRecord): boolean =>
  snapshot.inUse === 1 || mode === 'debug';

/** Names of the artifacts that the mode requires and the store does not have in full. */
export function* missingArtifacts(
  inventory: Inventory,
  mode: ArtifactMode,
): IterableIterator<string> {
  const required = mode === 'debug' ? 'operational' : mode;
  const incarnations = inventory.currentIncarnations();
  for (const snapshot of inventory.snapshots()) {
    if (snapshot.inUse === 0) {
      break;
    }
    if (!snapshot.populated) {
      yield snapshotName(snapshot.vatID, snapshot.snapPos);
    }
  }
  for (const span of inventory.spans()) {
    if (wantsSpan(required, span, incarnations) && !inventory.isWhole(span)) {
      yield spanArtifactName(span);
    }
  }
  for (const bundle of inventory.bundles()) {
    if (!bundle.populated) {
      yield bundleName(bundle.bundleID);
    }
  }
}
