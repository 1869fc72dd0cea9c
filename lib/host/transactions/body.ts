/** Checks the body of a transaction: its shape, and what needs no state of a chain. */
import { findFirstProblem } from '../../controller/validate.js';
import type { Action, InstallBundleAction, TransactionBody } from './action-types.js';
import { BadTransactionError } from './errors.js';

const isBase64 = (text: string): boolean => Buffer.from(text, 'base64').toString('base64') === text;

const checkChunk = ({ chunk, chunks, size, bytes }: InstallBundleAction, field: string): void => {
  if (chunk >= chunks) {
    const details = { field: `${field}.chunk`, value: chunk, expected: `less than ${chunks}` };
    throw new BadTransactionError('field', { ...details, found: String(chunk) });
  }
  if (chunks > size) {
    const expected = `at most one for each of ${size} bytes`;
    throw new BadTransactionError('field', { field: `${field}.chunks`, value: chunks, expected });
  }
  if (!isBase64(bytes)) {
    const expected = 'bytes in base64, padded with =';
    throw new BadTransactionError('field', { field: `${field}.bytes`, value: bytes, expected });
  }
};

const checkAction = (action: Action, field: string): void => {
  if (action.type === 'installBundle') checkChunk(action, field);
};

/** @throws BadTransactionError for the first problem */
export const insistBody = (value: unknown): TransactionBody => {
  const problem = findFirstProblem('chain-transaction', value, 'body');
  if (problem) throw new BadTransactionError('field', problem);
  const body = value as TransactionBody;
  body.actions.forEach((action, index) => checkAction(action, `body.actions[${index}]`));
  return body;
};
