// Mocha loads this before any spec. It locks the process down once, as
// `import '@endo/init/debug.js'` in a spec would. After it, that import has no effect.
//
// `SPEC_SES=2` locks it down with the newest generation of endo (spec/hosts).
import '../../lib/endo-environment/lend-base64.js';

const init = process.env.SPEC_SES === '2' ? '../hosts/ses2/node_modules/@endo/init' : '@endo/init';

await import(`${init}/pre-remoting.js`);
await import('../../lib/endo-environment/take-back-base64.js');
await import('../../lib/endo-environment/switch-off-promise-hooks.js');

// Endo's `unsafe` error taming replaces stack traces and loses source maps, so every frame of a
// spec would be on line 1.
//
// `debug.js` also makes more of the override mistakes of modules fail than `@endo/init`, which hosts
// import: Fastify does not load then.
const { lockdown } = globalThis;
globalThis.lockdown = options =>
  lockdown({ ...options, errorTaming: 'unsafe-debug', overrideTaming: 'moderate' });

await import(`${init}/debug.js`);
