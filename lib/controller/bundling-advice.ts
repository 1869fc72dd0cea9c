/**
 * What to do about a vat that can't be bundled. The bundler's messages say what it met, and not what
 * a vat's package needs: `"type": "module"`, and the packages that it imports (issue 17).
 */

interface Advice {
  /** Fits the bundler's message. */
  readonly fault: RegExp;
  readonly advise: (...groups: readonly string[]) => string;
}

/** The bundler names places by URL. */
const pathOf = (url: string): string => decodeURI(url.replace(/^file:\/\//, ''));

/** `@endo/far` of `@endo/far/sub.js`. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const ADVICE: readonly Advice[] = [
  {
    fault: /Error transforming "cjs" source in "(file:[^"]+)": '?import'?[^]*sourceType: "module"/,
    advise: (url = '') =>
      `${pathOf(url)} is an ES module, as vats are, but the package.json above it lacks "type": "module"`,
  },
  {
    fault: /Cannot find package\.json along path to "(file:[^"]+)"/,
    advise: (url = '') =>
      `a vat needs a package.json above it, with "type": "module" and its dependencies: there is none above ${pathOf(url)}`,
  },
  {
    fault: /Cannot find external module "([^"]+)" in package (file:\S+)/,
    advise: (name = '', url = '') =>
      `add ${packageOf(name)} to the dependencies in ${pathOf(url)}package.json, and run npm install there`,
  },
];

/** The bundler's message, and what to do about it, if that is known. */
export const withAdvice = (message: string): string => {
  for (const { fault, advise } of ADVICE) {
    const found = fault.exec(message);
    if (found) return `${message}\n${advise(...found.slice(1))}`;
  }
  return message;
};
