// @ts-check
/**
 * The vat of one proposal. It ends itself when the proposal's result has settled. Code that loops, or
 * takes too much memory or stack, ends it before that, and no other vat.
 *
 * Boundary: the chain vat calls `grant` once, then the block host calls `evaluate` once. The code
 * reaches neither this root nor the chain vat's.
 *
 * Everything lives in RAM. The chain vat terminates a vat whose incarnation has ended.
 *
 * @import { ChainPower } from './chain-powers.js'
 */
import { Far } from '@endo/far';
import { makeChainPowers } from './chain-powers.js';
import { evaluate } from './evaluator.js';

/**
 * @typedef {object} Grant
 * @property {Record<string, unknown>} powers
 * @property {readonly ChainPower[]} chainPowers
 * @property {unknown} chain the chain vat's root
 */

/** @param {{ D: (device: any) => any, exitVat: (completion?: unknown) => void }} vatPowers */
export const buildRootObject = ({ D, exitVat }) => {
  /** @type {Grant | undefined} */
  let granted;

  /** @param {string} code */
  const run = async code => {
    if (!granted) throw Error('an upgrade came before the proposal began: propose it again');
    const { powers: own, Far: noteFar, finishCalls } = makeChainPowers(granted.chain);
    const chosen = granted.chainPowers.map(name => [name, own[name]]);
    const powers = harden({ ...granted.powers, ...Object.fromEntries(chosen) });
    const result = await evaluate(code, { powers, tools: { D, Far: noteFar } });
    await finishCalls();
    return result;
  };

  return Far('proposal', {
    /** @param {Grant} given */
    grant(given) {
      granted = given;
    },
    /** @param {string} code */
    evaluate(code) {
      const result = run(code);
      const exit = () => exitVat();
      // Takes effect at the end of the crank, which sends the result.
      result.then(exit, exit);
      return result;
    },
  });
};
harden(buildRootObject);
