/**
 * What specs of chains need beside this package: Go, and the engine that it builds. Where Go is
 * missing, such specs are skipped and say so. With `SPEC_NEEDS_ENGINE=1`, as in CI, they fail.
 */
import { buildEngine, runGo } from '../../scripts/engine.mjs';
import { errorText } from '../../lib/errors.js';

const orSkip = async <T>(
  context: Mocha.Context,
  what: string,
  need: () => Promise<T>,
): Promise<T> => {
  try {
    return await need();
  } catch (error) {
    if (process.env['SPEC_NEEDS_ENGINE'] === '1') throw error;
    console.log(`    skipped, because it needs ${what}: ${errorText(error)}`);
    return context.skip();
  }
};

/** The path of the CometBFT program. The first call builds it, which may take minutes. */
export const needEngine = (context: Mocha.Context): Promise<string> =>
  orSkip(context, 'the engine CometBFT', buildEngine);

/** What `go …` prints, run in `spec/abci`. */
export const needGo = (context: Mocha.Context, args: readonly string[]): Promise<string> =>
  orSkip(context, 'Go', () => runGo(args));
