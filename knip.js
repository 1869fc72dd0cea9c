/** What counts as used, for `npm run knip`: files that npm scripts, specs and workers open by path. */
export default {
  entry: [
    'lib/{index,chain}.ts',
    'lib/cli/main.ts',
    'lib/testing/{testing.ts,driver.js}',
    'lib/{vats,devices}/*/{vat,device}-*.js',
    'lib/drop-in/*.{ts,js}',
    // Bundled for workers.
    'lib/platform/{lockdown,supervisor}/entry.js',
    'spec/platform/lockdown/support/{tools,compare,probe-runner}.js',
    'bin/*.js',
    'scripts/**/*.mjs',
    // Bundled for browsers.
    'lib/inspector/page/main.tsx',
    'bench/*.ts',
    // Runs are processes of it, compiled.
    'bench/harness/child.ts',
    'bench/vats/*.js',
    'examples/{,contracts/,chain/}main.ts',
    'examples/{,contracts/,chain/}vats/*.js',
    'examples/vat-author/*.js',
    'spec/**/*.{spec,slow}.ts',
    'spec/**/{vats,unruly-vats,fixtures}/**/*.{js,mjs,ts}',
    'spec/support/{register.js,reporter.cjs,setup.ts}',
    'spec/drop-in/ava/*.js',
    'spec/hosts/{,ses2/}host.ts',
    'spec/real-vats/contracts/market-*.js',
    // The drop-in script copies these into a host of its own.
    'spec/drop-in/host/*.mjs',
    // And `installed.slow.ts` these.
    'spec/package/project/*.{js,ts}',
    // `older-engine.slow.ts` forks these by path.
    'spec/platform-epoch/support/{store-maker.ts,other-xsnap.mjs}',
    // `run-load.ts` forks it by path.
    'spec/host/solo-server/load/generator.ts',
    // Forked by path.
    'spec/damage/support/child.ts',
    // Nodes of chains run it.
    'spec/chain/support/main.ts',
  ],
  project: ['**/*.{ts,tsx,js,mjs,cjs}'],
  // An interface that other types of its file mention stays exported, so that declarations name it.
  ignoreExportsUsedInFile: { interface: true, type: true },
  ignoreDependencies: [
    // Pinned, not imported: other versions of these would bring a second copy of `ses`.
    '@endo/common',
    '@endo/evasive-transform',
    '@endo/exo',
    '@endo/lockdown',
    '@endo/netstring',
    '@endo/pass-style',
    '@endo/stream',
    '@endo/stream-node',
    // The bundler takes it from here for modules of the compartment mapper that our supervisor uses.
    '@endo/trampoline',
    // An optional peer: projects that import tools/prepare-test-env-ava.js have it.
    'ava',
    // Installed in spec/mutation.
    '@stryker-mutator/core',
    // Installed in spec/real-vats, and in the host of spec/drop-in.
    '@agoric/cosmic-swingset',
    '@agoric/deploy-script-support',
    '@agoric/ertp',
    '@agoric/notifier',
    '@agoric/zoe',
  ],
  // Specs run these of the system.
  ignoreBinaries: ['cc', 'go', 'mkfifo', 'mount', 'umount'],
};
