/**
 * How much the vats of one block may put out through devices: texts in storage, and messages to
 * mailboxes and bridge ports. They are kept in memory until the commit, and most of them are in the
 * answer to the engine, which takes no message of more than 100 MiB: with a larger one it stops, and
 * stops again at the same block for ever.
 *
 * Invariants
 * 1. What is put out follows from the state and the block, so replicas meet the limits alike.
 * 2. No crank begins once the block has enough. So a vat that puts out much leaves the others the
 *    room that they need: only a crank that takes more than `MOST_OF_CRANK` by itself is refused any.
 */
import { BadOptionError } from '../../errors.js';

/** Bytes after which no further crank begins in a block. */
const ENOUGH = 10_000_000;

/** Bytes that one crank may put out besides. */
const MOST_OF_CRANK = 40_000_000;

/** What one output takes besides its texts, in memory and in the answer to the engine. */
const OVERHEAD = 200;

/** The texts of one output. */
type Texts = readonly string[];

export interface OutputRoom {
  /**
   * Takes room for all outputs, or for none.
   * @throws BadOptionError, which fails the vat's call, when there is not enough
   */
  take(outputs: readonly Texts[]): void;
  /** The block has enough. */
  isUsedUp(): boolean;
}

const sizeOf = (texts: Texts): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text), OVERHEAD);

export const makeOutputRoom = (): OutputRoom => {
  let taken = 0;
  return {
    take: outputs => {
      const wanted = outputs.reduce((sum, texts) => sum + sizeOf(texts), taken);
      if (wanted > ENOUGH + MOST_OF_CRANK) {
        const expected = `at most ${ENOUGH + MOST_OF_CRANK} bytes`;
        throw new BadOptionError('output of a block', wanted, expected);
      }
      taken = wanted;
    },
    isUsedUp: () => taken >= ENOUGH,
  };
};
