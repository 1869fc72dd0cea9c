import { createHash, hash } from 'node:crypto';

/** SHA-256 in hex of the parts, one after the other. */
export const sha256Hex = (...parts: (string | Uint8Array)[]): string => {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) {
    // In one call to native code: a third of the time for short strings.
    return hash('sha256', only);
  }
  const hasher = createHash('sha256');
  for (const part of parts) {
    hasher.update(part);
  }
  return hasher.digest('hex');
};

/** SHA-512 in hex. */
export const sha512Hex = (bytes: Uint8Array): string =>
  createHash('sha512').update(bytes).digest('hex');

/**
 * Orders strings by their UTF-8 bytes, as SQLite's BINARY collation does. It differs from `<` where
 * a surrogate pair meets a character of U+E000 to U+FFFF.
 */
export const compareUtf8 = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      const xHigh = x >= 0xd800 && x <= 0xdfff;
      const yHigh = y >= 0xd800 && y <= 0xdfff;
      // Surrogates stand for U+10000 and above: after every other unit.
      return xHigh === yHigh ? x - y : xHigh ? 1 : -1;
    }
  }
  return a.length - b.length;
};
