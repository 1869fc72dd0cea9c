/** The curves, in the order of the report. */
import { crankCurves } from './crank-curves.js';
import { restartCurve } from './restart-curve.js';
import type { Curve } from './types.js';

export const curves: readonly Curve[] = [...crankCurves, restartCurve];
