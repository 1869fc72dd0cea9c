/**
 * Gives endo's base64 a native codec while its module loads. `take-back-base64.ts` removes it. endo
 * looks for XS's `Base64`; without it, it decodes character by character in JavaScript, which takes
 * a fifth of the start of a local vat.
 *
 * Boundary: must be imported before any module of endo, because `@endo/init` loads base64 as well.
 */

/**
 * Throws for the same texts as endo's decoder. Node's skips characters that are not base64 and
 * accepts base64url. Skipped characters show: the result is shorter than the text's length implies.
 */
const decode = (text: string, name = '<unknown>'): Uint8Array => {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (bytes.length !== (text.length / 4) * 3 - padding || /[-_]/.test(text)) {
    throw Error(`Invalid base64 in string ${name}`);
  }
  return bytes;
};

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export const lent = globalThis as { Base64?: { decode: typeof decode; encode: typeof encode } };
lent.Base64 = { decode, encode };
