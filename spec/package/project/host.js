/** A host in plain JavaScript: two lives of one swingset, the second at a new epoch. */
import '@endo/init';
import { loadSwingsetConfigFile, openSoloHost } from 'swingset-kernel';

const live = async platformEpoch => {
  const host = await openSoloHost({
    home: './store-of-host',
    getConfig: () => loadSwingsetConfigFile('./swingset.json'),
    clock: () => 1_000n,
    runtimeOptions: { platformEpoch },
  });
  const cranks = await host.run();
  const { controller } = host;
  const results = (controller.getPlatformRestartReport()?.vats ?? []).map(({ result }) => result);
  await host.close();
  return { cranks, results };
};

const first = await live('spring');
const second = await live('summer');
console.log(JSON.stringify({ first, second }));
