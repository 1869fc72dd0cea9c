import { SwingsetError } from '../../../errors.js';

/**
 * A snapshot is not what its manifest or the trusted app hash says. No honest peer offers it. The
 * restore ends, and the store is as if it had not begun.
 */
export class BadSnapshotError extends SwingsetError {
  readonly code = 'BAD_SNAPSHOT';
}

/** A chunk came although no snapshot was accepted, or the last one was refused or is complete. */
export class NoRestoreError extends SwingsetError {
  readonly code = 'NO_RESTORE';
  constructor(readonly chunk: number) {
    super(`chunk ${chunk} belongs to no snapshot: offer one first`);
  }
}

/** A chunk on this node's disk is unreadable or changed. The node does not serve it. */
export class SnapshotDamagedError extends SwingsetError {
  readonly code = 'SNAPSHOT_DAMAGED';
  constructor(
    readonly path: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`the snapshot in ${path} is damaged: ${detail}; it was deleted`, options);
  }
}
