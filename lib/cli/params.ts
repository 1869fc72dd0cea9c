/** `swingset-kernel params`: the parameters of a vat's next restart. Only reads the store. */
import { lookAtStore } from '../host/look-at-store.js';
import { readRetainedParameters } from '../host/vat-parameters.js';
import type { RetainedParameters } from '../host/vat-parameters.js';
import { writeParameters } from '../kernel/facets/parameter-notation.js';
import { printable } from '../printable.js';
import type { ParamsArgs } from './args.js';
import { formatTable } from './table.js';

/** As `--vat-parameters` takes it in `set`. */
const inNotation = ({ retained }: RetainedParameters): unknown =>
  retained && writeParameters(retained);

const isRecordOfFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !Object.keys(value).some(name => name.startsWith('@'));

/** The report for a terminal. */
const paramsText = (found: RetainedParameters): string => {
  const { vatID, name, isStatic, bundleID, incarnation } = found;
  const kind = isStatic ? 'static' : 'dynamic';
  const title = [vatID, name === undefined ? undefined : printable(name)].filter(Boolean).join(' ');
  const head = `${title}: ${kind}, incarnation ${incarnation}\nbundle ${bundleID}`;
  const parameters = inNotation(found);
  if (parameters === undefined) {
    return `${head}\nIt has retained no parameters and can't start again without any: pass them with --vat-parameters`;
  }
  if (!isRecordOfFields(parameters)) return `${head}\n${printable(JSON.stringify(parameters))}`;
  const fields = Object.entries(parameters);
  if (fields.length === 0) return `${head}\nIts parameters have no fields`;
  const rows = fields.map(([field, value]) => [field, JSON.stringify(value)]);
  return `${head}\n\n${formatTable(['field', 'value'], rows)}`;
};

export const paramsCommand = async (
  { home, json, vat }: ParamsArgs,
  { print }: { readonly print: (text: string) => void },
): Promise<void> => {
  const found = await lookAtStore(home, ({ kernelStorage }) =>
    readRetainedParameters(kernelStorage, vat),
  );
  const { retained = null, ...rest } = found;
  const value = { ...rest, retained, parameters: inNotation(found) ?? null };
  print(json ? JSON.stringify(value, null, 2) : paramsText(found));
};
