import { E, Far } from '@endo/far';
import { makePluginManager } from '../../../lib/drop-in/plugin-manager.js';

export const buildRootObject = vatPowers => {
  let plugin;
  const resets = [];
  const resetter = Far('resetter', {
    onReset: async isRestart => {
      resets.push(await isRestart);
    },
  });
  return Far('root', {
    bootstrap: (_vats, devices) => {
      const manager = makePluginManager(devices.plugin, vatPowers);
      plugin = manager.load('echo', harden({ prefix: 'host says' }), resetter);
    },
    echo: word => E(plugin.pluginRoot).echo(word),
    walk: word => {
      const walker = Far('walker', { walk: root => E(root).inner() });
      return E(plugin.actions.makeStableForwarder(walker)).echo(word);
    },
    resets: () => harden([...resets]),
  });
};
