/** Bytes as lower-case hexadecimal digits: one text for each value. */

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export const isHex = (text: unknown, bytes: number): text is string =>
  typeof text === 'string' && text.length === 2 * bytes && /^[0-9a-f]*$/.test(text);

/** @param text - Must be hexadecimal digits. */
export const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
