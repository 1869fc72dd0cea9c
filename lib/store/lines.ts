import { TextDecoder } from 'node:util';

/** Characters; a string of JavaScript ends at 2^29, and so does an item of a transcript. */
const MAX_LINE = 500_000_000;

/** Cuts text that comes in pieces into lines; time and memory are linear in what comes. */
class LineCutter {
  readonly #fail: (detail: string) => Error;

  /** The beginning of a line, in pieces: joined once, or long lines would be copied at each. */
  #pieces: string[] = [];

  #length = 0;

  constructor(fail: (detail: string) => Error) {
    this.#fail = fail;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** The lines that end within the text. */
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
 * Lines of UTF-8 text, each of which ends with a newline; nothing else separates them (transcript
 * items and JSON may hold any other separator).
 * @throws what `fail` makes of the detail, for text that is cut off, too long or not UTF-8
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
    throw fail('its last line is cut off');
  }
}
