/** Makes text chosen by vats or hosts safe to show. */

// Control characters, and characters that change the direction of the text after them.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escape = (char: string): string =>
  names[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** Returns one line. Characters that would control a terminal are escaped, for example `\u001b`. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escape);

/** Like `printable`, but keeps line feeds and tabs. */
export const printableLines = (text: string): string =>
  text.replace(UNPRINTABLE, char => (char === '\n' || char === '\t' ? char : escape(char)));
