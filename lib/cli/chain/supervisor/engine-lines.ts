/** Which lines of the engine's log an operator sees at once. The file has all of them. */

/** Calls `take` with each whole line of a stream. */
export const splitLines = (take: (line: string) => void) => {
  let rest = '';
  const decoder = new TextDecoder();
  return {
    write: (chunk: Uint8Array): void => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(take);
    },
    end: (): void => {
      if (rest !== '') take(rest);
      rest = '';
    },
  };
};

/** `I[2026-01-02|03:04:05.678] text`: information or debugging. */
const ORDINARY = /^[ID]\[/;

/** Of a Go panic or of a usage text: what follows says where, not what. */
const MAX_OTHER_LINES = 12;

/** @returns a filter for one run of the engine: errors, and the beginning of a panic */
export const makeEngineFilter = () => {
  let others = 0;
  return (line: string): boolean => {
    if (ORDINARY.test(line) || line.trim() === '') return false;
    if (/^E\[/.test(line)) return true;
    others += 1;
    return others <= MAX_OTHER_LINES;
  };
};
