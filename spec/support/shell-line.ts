/**
 * The words of a command line, as a shell splits it: quotes group, and `#` begins a comment. There
 * are no variables, pipes or escapes.
 */
export const splitShellLine = (line: string): readonly string[] => {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (word.startsWith('#')) break;
    words.push(word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return words;
};
