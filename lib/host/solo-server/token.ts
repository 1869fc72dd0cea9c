/**
 * The secret that requests must show. It says nothing about state, so it comes from the system's
 * random numbers.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SoloTokenError } from './errors.js';

const BYTES = 32;

const tokenPath = (home: string): string => join(home, 'solo-token');

/**
 * The token of a home: 64 hexadecimal digits.
 * @throws SoloTokenError when the file is missing, is damaged, or can be read by others
 */
export const readToken = (home: string): string => {
  const path = tokenPath(home);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) throw new SoloTokenError(path, 'there is no such file');
  if (!stats.isFile()) throw new SoloTokenError(path, 'it is not a regular file');
  if ((stats.mode & 0o077) !== 0) {
    throw new SoloTokenError(path, 'others may read or write it (its mode is not 0600)');
  }
  const token = readFileSync(path, 'utf8').trim();
  if (/^[0-9a-f]{64}$/.test(token)) return token;
  throw new SoloTokenError(path, 'it does not hold 64 hexadecimal digits');
};

/** The token of a home, made at the first call. The file's mode is 0600. */
export const provideToken = (home: string): string => {
  try {
    // `wx`: a file that is there already, or a link, is not followed or replaced.
    const token = randomBytes(BYTES).toString('hex');
    writeFileSync(tokenPath(home), `${token}\n`, { flag: 'wx', mode: 0o600, flush: true });
    return token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readToken(home);
  }
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Tells whether an `Authorization` header shows the token, in a time that says nothing about it. */
export const makeTokenCheck = (token: string): ((header: string | undefined) => boolean) => {
  const expected = digest(`Bearer ${token}`);
  return header => timingSafeEqual(digest(header ?? ''), expected);
};
