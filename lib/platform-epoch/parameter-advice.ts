/**
 * Advice about parameters in a rehearsal's report: which parameters a vat refused, how to pass
 * others, and what came of those that were passed (issue 10, section 2).
 */
import { printable } from '../printable.js';
import { isFailure, type RehearsalReport, type VatRehearsal } from './rehearsal-types.js';

const MAX_LENGTH = 500;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = (parameters: unknown): string => {
  const text = printable(JSON.stringify(parameters));
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
};

const labelOf = ({ vatID, name }: VatRehearsal): string =>
  name === undefined ? vatID : `${vatID} ${printable(name)}`;

const isWordIn = (text: string, word: string): boolean =>
  /^[\p{L}\p{N}_$]+$/u.test(word) &&
  text.split(/[^\p{L}\p{N}_$]+/u).some(candidate => candidate === word);

/** A proposed rule, which drops the fields that the error names. */
const suggestRule = ({ vatID, error = '', startedWith }: VatRehearsal): string => {
  const fields = isRecord(startedWith) ? Object.keys(startedWith) : [];
  const named = fields.filter(field => isWordIn(error, field));
  const drop = named.length > 0 ? named : ['…'];
  return JSON.stringify({ rules: [{ vatID, drop, ...(named.length === 0 && { set: {} }) }] });
};

/** Undefined if there is nothing to say about the vat's parameters. */
export const describeVatParameters = (vat: VatRehearsal): string | undefined => {
  const { vatID, parameters, startedWith, bundleID, error } = vat;
  if (startedWith === undefined) return undefined;
  const which = parameters === 'given' ? 'the parameters that you gave' : 'what it has retained';
  if (!isFailure(vat)) return `${labelOf(vat)}: ${vat.result} with ${which}: ${show(startedWith)}`;
  const found = `${labelOf(vat)}: refused ${which}: ${show(startedWith)}`;
  if (error === undefined) return found;
  const all =
    bundleID === undefined ? '' : `, or "bundleID": "${bundleID}" for all vats of its code`;
  return (
    `${found}\n  if it failed because of them, pass others: platformRestart.vatParameters.${vatID}, ` +
    `or --vat-parameters <file> with ${suggestRule(vat)}${all}`
  );
};

/** One text for each vat that was given parameters or failed with its retained ones. */
export const describeParameters = ({ vats }: RehearsalReport): readonly string[] =>
  vats.flatMap(vat => describeVatParameters(vat) ?? []);
