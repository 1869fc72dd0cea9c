/** One store for the specs of a file, with what the inspector is to show, and its writer. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crankCounter } from '../../../lib/controller/run-policies.js';
import { openSoloHost, type SoloHost } from '../../../lib/host/solo-host.js';
import {
  startInspector,
  type Inspector,
  type InspectorOptions,
} from '../../../lib/inspector/start-inspector.js';
import { bigintsAsText } from '../../../lib/json-text.js';
import { silent, withoutSystemVats } from '../../controller/support.js';
import { bundleCachePath } from '../../support/bundle-cache.js';

/** The name of a vat that can't start after the first epoch. */
export const HOSTILE = '<img src=x onerror="window.hacked=1">';

/** More than one page of the inspector. */
export const OBJECTS = 55;

const source = (name: string) => ({
  sourceSpec: fileURLToPath(new URL(`../vats/${name}.js`, import.meta.url)),
});

const config = {
  bootstrap: 'bootstrap',
  defaultManagerType: 'local' as const,
  // Else each delivery pays for a collection.
  defaultReapInterval: 1000,
  bundleCachePath,
  vats: { bootstrap: source('bootstrap'), maker: source('maker'), [HOSTILE]: source('frail') },
};

export interface Swingset {
  readonly home: string;
  readonly slog: string;
  /** The writer, in its second epoch. */
  readonly host: SoloHost;
  /** Sends a message to a static vat's root, without running it. */
  readonly send: (vat: string, method: string, ...args: unknown[]) => string;
  readonly inspect: (options?: Partial<InspectorOptions>) => Promise<Inspector>;
  readonly close: () => Promise<void>;
}

/** Messages of vats that are left in the queues when it is made. */
export const makeSwingset = async (): Promise<Swingset> => {
  const directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-inspect-'));
  const home = join(directory, 'home');
  const slog = join(directory, 'slog.jsonl');
  const openHost = (platformEpoch: string) =>
    openSoloHost({
      home,
      getConfig: async () => config,
      initializationOptions: withoutSystemVats,
      runtimeOptions: {
        platformEpoch,
        console: silent,
        slogSender: entry => appendFileSync(slog, `${JSON.stringify(entry, bigintsAsText)}\n`),
      },
    });
  const first = await openHost('spring');
  await first.run();
  await first.close();
  const host = await openHost('summer');
  const send = (vat: string, method: string, ...args: unknown[]): string => {
    const kpid = host.controller.queueToVatRoot(vat, method, args);
    if (kpid === undefined) throw Error(`${method} has no result`);
    return kpid;
  };
  send('bootstrap', 'collect', OBJECTS);
  send('maker', 'fail');
  send('bootstrap', 'wait');
  send('bootstrap', 'callFrail');
  await host.run();
  send('maker', 'make', 'left over');
  send('maker', 'make', 'left over, too');
  send('maker', 'make', '<i>queued</i>');
  await host.run(crankCounter(1, 100, true));
  const inspectors: Inspector[] = [];
  return {
    home,
    slog,
    host,
    send,
    inspect: async options => {
      const inspector = await startInspector({ home, ...options });
      inspectors.push(inspector);
      return inspector;
    },
    close: async () => {
      for (const inspector of inspectors) await inspector.close();
      await host.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
