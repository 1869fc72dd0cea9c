/** What a host in TypeScript may name, checked without `skipLibCheck`. */
import {
  connectSoloServer,
  makeSwingsetController,
  openSoloHost,
  openSwingStore,
  startSoloServer,
  SwingsetError,
} from 'swingset-kernel';
import type {
  PlatformRestartReport,
  SwingSetConfig,
  SwingsetController,
  SwingsetRuntimeOptions,
} from 'swingset-kernel';
import * as chain from 'swingset-kernel/chain';
import * as testing from 'swingset-kernel/testing';

const options: SwingsetRuntimeOptions = { platformEpoch: 'spring' };
const config: SwingSetConfig = {
  bootstrap: 'b',
  vats: { b: { sourceSpec: './vats/bootstrap.js' } },
};

export const boot = async (): Promise<PlatformRestartReport | undefined> => {
  const { kernelStorage, hostStorage } = openSwingStore('./store');
  const controller: SwingsetController = await makeSwingsetController({
    kernelStorage,
    ...options,
  });
  await controller.run();
  await hostStorage.commit();
  return controller.getPlatformRestartReport();
};

export const serve = async (): Promise<string> => {
  const host = await openSoloHost({ home: './store', getConfig: async () => config });
  const cranks: number = await host.run();
  await host.close();
  const server = await startSoloServer({ home: './store', onBlock: ({ height }) => height });
  const answer = await connectSoloServer('./store').get('/v1/status');
  await server.stop();
  return `${cranks} ${String(answer.height)}`;
};

export const isOurs = (error: unknown): error is SwingsetError => error instanceof SwingsetError;
export const others = { chain, testing };

// @ts-expect-error An epoch is a name or a number.
export const wrong: SwingsetRuntimeOptions = { platformEpoch: true };
