import { TextDecoder } from 'node:util';

/** In characters. V8 limits strings to 2^29, and therefore transcript items as well. */
const MAX_LINE = 500_000_000;

/** Splits text that arrives in pieces into lines, in linear time and memory. */
class LineCutter {
  readonly #fail: (detail: string) => Error;

  /** The start of an unfinished line. Joined only once, or long lines would take quadratic time. */
  #pieces: string[] = [];

  #length = 0;

  constructor(fail: (detail: string) => Error) {
    this.#fail = fail;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Returns the lines that end within `text`. */
  cut(text: string): string[] {
    const lines = text.split('\n');
    const rest = lines.pop()!;
    if (lines.length > 0) {
      this.#add(lines[0]!);
      lines[0] = this.#pieces.join('');
      this.#pieces = [];
      this.#length = 0;
    }
    this.#add(rest);
    return lines;
  }

  #add(piece: string): void {
    this.#length += piece.length;
    if (this.#length > MAX_LINE) {
      throw this.#fail(`it has a line of more than ${MAX_LINE} characters`);
    }
    this.#pieces.push(piece);
  }
}

/**
 * Reads lines of UTF-8 text. Each line, including the last, ends with a newline. No other separator
 * counts, because transcript items and JSON may contain any of them.
 * @throws the error that `fail` makes, if the text is cut off, has too long a line or is not UTF-8
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  fail: (detail: string) => Error,
): AsyncIterableIterator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch {
      throw fail('it is not UTF-8');
    }
  };
  const cutter = new LineCutter(fail);
  for await (const chunk of source) {
    yield* cutter.cut(decode(chunk));
  }
  yield* cutter.cut(decode());
  if (!cutter.isEmpty) {
    throw fail('it is cut off: its last line has no newline');
  }
}
