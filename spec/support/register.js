// Loaded by node (`--import`, see .mocharc.json) before mocha itself.

import { createRequire } from 'node:module';
// Only tsx's loader for `import`: its hook for `require` would turn ESM into
// sloppy CommonJS, which lockdown refuses.
import 'tsx/esm';

// Mocha prefers `require()` for specs where node can require ESM, and when both
// ways fail it reports the failure of `require()`: a syntax error in place of the
// spec's real one. Without the feature flag it uses `import()`, and reports that.
Object.defineProperty(process.features, 'require_module', { value: false });

// What mocha runs spec files in parallel with assigns to inherited names as it loads,
// which throws after the lockdown that `setup.ts` does: it has to be there before.
const require = createRequire(import.meta.url);
createRequire(require.resolve('mocha'))('workerpool');
