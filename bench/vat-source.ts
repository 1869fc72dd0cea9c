import { fileURLToPath } from 'node:url';

/** A vat of `vats`, for a configuration. */
export const vatSource = (name: string): { readonly sourceSpec: string } => ({
  sourceSpec: fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url)),
});
