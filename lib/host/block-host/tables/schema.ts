/**
 * Names of the chain's rows. No other module spells them.
 *
 * | rows | contents |
 * | --- | --- |
 * | `host.chain.*` | the chain's state: in the app hash and in snapshots |
 * | `host.local.*` | this node's own: the last block, to answer one that is asked for twice |
 * | `host.tree.*` | nodes of the state tree, which follow from the rest |
 *
 * Names are ASCII. Numbers in them have a fixed width, so that rows stand in their order.
 */
import { CHAIN_PREFIX } from '../rows.js';

const LOCAL_PREFIX = 'host.local.';

export const chainKey = (name: string): string => `${CHAIN_PREFIX}${name}`;
export const localKey = (name: string): string => `${LOCAL_PREFIX}${name}`;

/** A number in a name: `0000000000000042`. */
export const numberInKey = (number: number): string => String(number).padStart(16, '0');

export const numberOfKey = (text: string): number => Number.parseInt(text, 10);

/** Any text as a part of a name, without dots. */
export const textInKey = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll('.', '%2E');
