import { TextDecoder } from 'node:util';

/**
 * Lines of UTF-8 text, each of which ends with a newline; nothing else separates them (transcript
 * items and JSON may hold any other separator).
 * @throws what `cutOff` makes when the last line has no end, TypeError for bytes that are not UTF-8
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array>,
  cutOff: () => Error,
): AsyncIterableIterator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest + decoder.decode() !== '') {
    throw cutOff();
  }
}
