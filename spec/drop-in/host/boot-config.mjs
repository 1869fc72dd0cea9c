/**
 * Boots one of Agoric's chain configurations with Agoric's own host, `@agoric/cosmic-swingset`, and
 * runs its bootstrap and core proposals: `node boot-config.mjs decentral-core`. The last line is
 * JSON.
 */
import '@endo/init/debug.js';
import { createRequire } from 'node:module';
import { makeCosmicSwingsetTestKit } from '@agoric/cosmic-swingset/tools/test-kit.js';
import { extractCoreProposalBundles } from '@agoric/deploy-script-support/src/extract-proposal.js';
import { VBankAccount } from '@agoric/internal/src/config.js';
import { makeFakeStorageKit } from '@agoric/internal/src/storage-test-utils.js';
import { loadSwingsetConfigFile } from '@agoric/swingset-vat';

const require = createRequire(import.meta.url);
const [name] = process.argv.slice(2);
const path = require.resolve(`@agoric/vm-config/${name}-config.json`);

/** Why the registry's packages can't build a core proposal; undefined if they can. */
const whyNot = async proposal => {
  try {
    await extractCoreProposalBundles([proposal], path);
    return undefined;
  } catch (error) {
    return error.message.split('\n')[0];
  }
};

/** Leaves out the core proposals that can't be built. */
const takeProposals = async (coreProposals = []) => {
  const steps = coreProposals.steps ?? [coreProposals];
  const leftOut = [];
  const taken = [];
  for (const step of steps) {
    const kept = [];
    for (const proposal of step) {
      const reason = await whyNot(proposal);
      if (reason === undefined) kept.push(proposal);
      else leftOut.push({ module: proposal.module ?? proposal, reason });
    }
    if (kept.length > 0) taken.push(kept);
  }
  return { coreProposals: { steps: taken }, leftOut };
};

const countProposals = ({ steps }) => steps.reduce((count, step) => count + step.length, 0);

const storage = makeFakeStorageKit('');
/** Agoric's addresses of its modules. */
const addressOf = name => Object.values(VBankAccount).find(({ module }) => module === name).address;

/** The Go side of a chain. */
const answerBridge = (port, message) => {
  if (port === 'storage') return storage.toStorage(message) ?? null;
  if (port === 'bank') {
    if (message.type === 'VBANK_GET_MODULE_ACCOUNT_ADDRESS') return addressOf(message.moduleName);
    if (message.type === 'VBANK_GET_BALANCE') return '0';
    return { type: 'VBANK_BALANCE_UPDATE', nonce: '1', updated: [] };
  }
  return null;
};

const config = await loadSwingsetConfigFile(path);
const { coreProposals, leftOut } = await takeProposals(config.coreProposals);
const vats = [];
const kit = await makeCosmicSwingsetTestKit(answerBridge, {
  bundleDir: 'bundles',
  env: {},
  fixupConfig: () => (countProposals(coreProposals) > 0 ? { ...config, coreProposals } : config),
  slogSender: entry => {
    if (entry.type === 'create-vat') vats.push(entry.vatID);
  },
});
await kit.runNextBlock();
await kit.shutdown();
console.log(
  JSON.stringify({
    vats: vats.length,
    paths: [...storage.data.keys()].length,
    proposals: countProposals(coreProposals),
    leftOut,
  }),
);
