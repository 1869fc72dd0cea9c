/** Text that vats or hosts chose, as it may be shown to people. */

// Control characters, and those that turn the direction of what follows.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escape = (char: string): string =>
  names[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** One line without anything that a terminal obeys: such characters are shown as in source code. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escape);

/** As `printable`, with the lines and tabs that the text has. */
export const printableLines = (text: string): string =>
  text.replace(UNPRINTABLE, char => (char === '\n' || char === '\t' ? char : escape(char)));
