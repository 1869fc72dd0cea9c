// Loaded by node (`--import`, see .mocharc.json) before mocha itself.

// Only tsx's loader for `import`: its hook for `require` would turn ESM into
// sloppy CommonJS, which lockdown refuses.
import 'tsx/esm';

// Mocha prefers `require()` for specs where node can require ESM, and when both
// ways fail it reports the failure of `require()`: a syntax error in place of the
// spec's real one. Without the feature flag it uses `import()`, and reports that.
Object.defineProperty(process.features, 'require_module', { value: false });
