// Mocha loads this before any spec. It locks the process down once, as
// `import '@endo/init/debug.js'` in a spec would. After it, that import has no effect.
import '../../lib/endo-environment/lend-base64.js';
import '@endo/init/pre-remoting.js';
import '../../lib/endo-environment/take-back-base64.js';
import '../../lib/endo-environment/switch-off-promise-hooks.js';

// Endo's `unsafe` error taming replaces stack traces and loses source maps, so every frame of a
// spec would be on line 1.
const { lockdown } = globalThis;
globalThis.lockdown = options => lockdown({ ...options, errorTaming: 'unsafe-debug' });

await import('@endo/init/debug.js');
