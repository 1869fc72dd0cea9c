/**
 * Sources for the source checks: what an attacker or an unlucky author would write around `import`,
 * `eval` and HTML comments. The same seed gives the same sources.
 */
import { makeRandom, type Random } from '../../../support/random.js';

const WORDS = [
  ...['import', 'import', 'import', 'eval', 'eval', 'eval'],
  ...['imports', 'importEval', 'evalimport', 'evaluate', 'medieval', '_import', '$eval'],
  ...['import.meta', 'import.source', 'import.defer', 'IMPORT', 'Eval', 'impor', 'eva', 'mport'],
  // Escapes that a parser reads as the word, and letters that look like it.
  ...['\\u0069mport', 'imp\\u006frt', 'impor\\u{74}', '\\u{65}val', 'ev\\u0061l', 'ev\\x61l'],
  ...['ımport', 'i\u0307mport', 'imp\u200dort', 'еval', 'eval\u200c', 'import\ufe00'],
];

/** All that the language counts as white space or as the end of a line. */
const SPACES = [
  ...[' ', ' ', ' ', '\n', '\n', '\t', '\v', '\f', '\r', '\r\n', '\u00a0', '\ufeff', '\u1680'],
  ...['\u2000', '\u2001', '\u2005', '\u200a', '\u202f', '\u205f', '\u3000', '\u2028', '\u2029'],
];

/** What a careless filter might take for white space. */
const NO_SPACES = ['\u0085', '\u180e', '\u200b', '\u200c', '\u200d', '\u2060', '\0', '\b', '\x1c'];

const COMMENTS = [
  ...[
    '/**/',
    '/* */',
    '/*\n*/',
    '/*\u2028*/',
    '//\n',
    '//\u2029',
    '// x\r',
    '/* // */',
    '/*',
    '//',
  ],
  ...['<!--', '-->', '<!-- x\n', '\n--> x\n', '<!-', '<! --', '-- >', '->', '--', '<!', '<!---->'],
];

const MARKS = [
  ...['(', '(', '(', ')', '/', '/', '*', '.', '..', '...', '....', '?.', '{', '}', '[', ']', ','],
  ...[';', ':', '=', '=>', '+', '-', '!', '~', '?', '??', '&&', '|', '<', '>', '%', '^', '@', '#'],
  ...[
    '"',
    "'",
    '`',
    '${',
    '\\',
    '\\\n',
    '$',
    '_',
    '0',
    '1n',
    'a',
    'Z',
    'é',
    '𝒳',
    '\ud83d',
    '\udc00',
  ],
];

const PHRASES = [
  ...['import("x")', "import('x')", 'import (x)', 'import/**/("x")', 'import.meta.url', '.import('],
  ...['...import(x)', 'eval("x")', '(0,eval)("x")', '.eval("x")', 'new.target', 'async', 'await '],
  ...[
    'export default ',
    'typeof ',
    'function ',
    'class A { ',
    'static import() {}',
    '#eval(',
    'in ',
  ],
  ...[
    'a?.eval(',
    'a?.import(',
    'return/eval(/',
    '`${eval(`',
    'x = {import(){}}',
    'import from "x";',
  ],
  ...['//# sourceURL=name.js\n', '//@ sourceURL=a b\n', '//# sourceURL=a\n//# sourceURL=b\n'],
];

/** Each place where a parser would read the text differently. */
const PLACES: readonly ((text: string) => string)[] = [
  text => `// ${text}\n`,
  text => `/* ${text} */`,
  text => `'${text}'`,
  text => `"${text}"`,
  text => `\`${text}\``,
  text => `\`a\${${text}}b\``,
  text => `tag\`${text}\``,
  text => `/${text}/u`,
  text => `/[${text}]/g`,
  text => `a / ${text} / b`,
  text => `({ ${text}) { } })`,
  text => `({ get ${text}) { } })`,
  text => `class A { ${text}) { } }`,
  text => `class A { #${text}) { } }`,
  text => `object.${text})`,
  text => `object?.${text})`,
  text => `[...${text})]`,
  text => `f(${text}))`,
  text => `(a = ${text})) => a`,
  text => `async () => { await ${text}) }`,
  text => `${text}: for (;;) break ${text}`,
  text => `with (a) ${text})`,
  text => `x\n${text})\n`,
  text => `{${text})}`,
];

const pick = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)]!;

const anyChar = (random: Random): string =>
  random.chance(50)
    ? String.fromCharCode(random.below(0x80))
    : String.fromCodePoint(random.below(random.chance(90) ? 0x10000 : 0x110000));

const repeat = (random: Random, most: number, make: () => string): string => {
  let text = '';
  for (let left = random.below(most + 1); left > 0; left -= 1) text += make();
  return text;
};

const anySpace = (random: Random): string =>
  random.chance(85) ? pick(random, SPACES) : pick(random, NO_SPACES);

const anyToken = (random: Random): string => {
  const kind = random.below(100);
  if (kind < 25) return pick(random, WORDS);
  if (kind < 45) return anySpace(random);
  if (kind < 75) return pick(random, MARKS);
  if (kind < 85) return pick(random, COMMENTS);
  if (kind < 95) return pick(random, PHRASES);
  return anyChar(random);
};

/** A word, perhaps with space and comments between it and a parenthesis. */
const suspect = (random: Random): string => {
  const before = random.chance(50) ? pick(random, MARKS) : '';
  const between = repeat(random, 3, () =>
    random.chance(80) ? anySpace(random) : pick(random, COMMENTS),
  );
  const after = random.chance(60) ? '(' : anyToken(random);
  return before + pick(random, WORDS) + between + after;
};

const soup = (random: Random): string => repeat(random, 12, () => anyToken(random));

const placed = (random: Random): string => {
  let text = suspect(random);
  for (let depth = random.below(3); depth >= 0; depth -= 1) text = pick(random, PLACES)(text);
  return repeat(random, 2, () => anyToken(random)) + text;
};

/** Cuts, doubles, moves or replaces a part of a text, or puts something in. */
const mutate = (random: Random, text: string): string => {
  const start = random.below(text.length + 1);
  const end = Math.min(text.length, start + random.below(8));
  const part = text.slice(start, end);
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, start) + text.slice(end);
    case 1:
      return text.slice(0, end) + part + text.slice(end);
    case 2:
      return text.slice(0, at) + part + text.slice(at);
    case 3:
      return text.slice(0, start) + anyToken(random) + text.slice(end);
    case 4:
      return text.slice(0, start) + anyChar(random) + text.slice(end);
    default:
      return text.slice(0, at) + suspect(random) + text.slice(at);
  }
};

const MOST_CHARS_OF_SEED = 300;

/** A part of a real module, changed in a few places. */
const mutated = (random: Random, modules: readonly string[]): string => {
  const module = pick(random, modules);
  const start = random.below(module.length);
  let text = module.slice(start, start + random.below(MOST_CHARS_OF_SEED));
  for (let left = random.below(5); left >= 0; left -= 1) text = mutate(random, text);
  return text;
};

/** An endless sequence of sources. `modules` are the real ones that it mutates. */
export function* generateSources(seed: number, modules: readonly string[]): Generator<string> {
  const random = makeRandom(seed);
  for (;;) {
    const kind = random.below(100);
    if (kind < 30) yield soup(random);
    else if (kind < 65) yield placed(random);
    else if (kind < 75) yield suspect(random);
    else if (kind < 80) yield mutate(random, placed(random));
    else yield mutated(random, modules);
  }
}

/** UTF-16 code units from `first` to before `end`, in each place next to a word that decides. */
export function* everyCharacter(first = 0, end = 0x10000): Generator<string> {
  for (let code = first; code < end; code += 1) {
    const char = String.fromCharCode(code);
    yield* [`import${char}(`, `import${char}/*`, `import ${char}(`, `import${char}`];
    yield* [`${char}import(`, `..${char}import(`, `.${char}import(`];
    yield* [`eval${char}(`, `eval\n${char}(`, `${char}eval(`, `.${char}eval(`];
    yield* [`<${char}!--`, `<!${char}--`, `--${char}>`];
  }
}
