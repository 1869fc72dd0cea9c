/**
 * Changes to sources of other packages, made while a bundler reads them. Such a change fits one
 * version of its source, so a build whose source has moved on fails instead of leaving it out.
 */
import { SwingsetError } from '../errors.js';

/** Plain data: it is part of the order under which a cache keeps a bundle. */
export interface SourceEdit {
  /** What the edit is for. Errors name it. */
  readonly piece: string;
  /** The end of the module's path: `node_modules/ses/src/transforms.js`. */
  readonly module: string;
  /** Occurs exactly once in the module. */
  readonly from: string;
  readonly to: string;
}

/** A source is not the one that an edit was written for. */
export class SourceEditError extends SwingsetError {
  readonly code = 'SOURCE_EDIT_MISMATCH';
  constructor(
    readonly piece: string,
    readonly module: string,
    /** How often the text to replace occurs there; undefined if the build never read the module. */
    readonly occurrences: number | undefined,
  ) {
    super(
      `the edit "${piece}" does not fit ${module}: ` +
        (occurrences === undefined
          ? 'the build reads no such module'
          : `the text that it replaces occurs ${occurrences} times instead of once`) +
        '. Install the pinned version of the package, or write the edit for this one.',
    );
  }
}

const isOf = (path: string, { module }: SourceEdit): boolean => path.endsWith(`/${module}`);

/**
 * Applies one edit.
 *
 * @throws SourceEditError
 */
const applyEdit = (text: string, { piece, module, from, to }: SourceEdit): string => {
  const parts = text.split(from);
  if (parts.length !== 2) throw new SourceEditError(piece, module, parts.length - 1);
  return parts.join(to);
};

/**
 * Applies the edits of the module at a path, in order.
 *
 * @throws SourceEditError
 */
export const editSource = (path: string, text: string, edits: readonly SourceEdit[]): string =>
  edits.filter(edit => isOf(path, edit)).reduce(applyEdit, text);

export interface Editor {
  readonly edit: (path: string, bytes: Buffer) => Buffer;
  /** @throws SourceEditError if an edit did not fit, or the build has read no module of it */
  readonly assertComplete: () => void;
}

/** Applies edits to all that one build reads. */
export const makeEditor = (edits: readonly SourceEdit[]): Editor => {
  const applied = new Set<SourceEdit>();
  let failure: Error | undefined;
  return {
    edit: (path, bytes) => {
      const own = edits.filter(edit => isOf(path, edit));
      if (own.length === 0) return bytes;
      for (const edit of own) applied.add(edit);
      try {
        return Buffer.from(editSource(path, bytes.toString('utf8'), own));
      } catch (error) {
        // Thrown at the end: the bundler would wrap it in an error of its own.
        failure ??= error as Error;
        return bytes;
      }
    },
    assertComplete: () => {
      if (failure) throw failure;
      const missed = edits.find(edit => !applied.has(edit));
      if (missed) throw new SourceEditError(missed.piece, missed.module, undefined);
    },
  };
};
