/**
 * Where files of this package are that code reads rather than imports: vat sources, schemas.
 *
 * The same whether this module runs from `lib` (tsx) or from `dist` (published): vat sources are
 * always the ones in `lib`, so a system vat's bundle has the same bytes, and the same hash,
 * everywhere.
 */
import { fileURLToPath } from 'node:url';

const packageRoot = new URL('../', import.meta.url);

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, packageRoot));

/** Absolute path of a system vat's source: `vatSourcePath('timer/vat-timer.js')`. */
export const vatSourcePath = (relative: string): string => pathOf(`lib/vats/${relative}`);

/** Absolute path of a file in `schemas`. */
export const schemaPath = (fileName: string): string => pathOf(`schemas/${fileName}`);
