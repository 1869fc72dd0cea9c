/**
 * Runs those blocks of `js` and `ts` that are whole programs, each in a place of its own, and looks at
 * what they have done.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { lookAtStore } from '../../../lib/host/look-at-store.js';
import { summarizeSwingset } from '../../../lib/host/swingset-summary.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';
import { root } from '../support/blocks.js';
import { importSources } from '../support/package-paths.js';
import type { Program } from '../support/snippets.js';
import { at, type Place } from './place.js';

type Exports = Readonly<Record<string, unknown>>;

export interface SnippetRun {
  readonly before?: (place: Place) => unknown;
  /** @param printed - what the program wrote to the console */
  readonly after: (place: Place, exports: Exports, printed: readonly string[]) => unknown;
}

const summarize = (place: Place) =>
  lookAtStore(at(place, 'store'), ({ kernelStorage }) => summarizeSwingset(kernelStorage));

type BootChain = (boot: object) => Promise<{
  readonly controller: { readonly shutdown: () => Promise<void> };
  readonly hostStorage: {
    readonly commit: () => Promise<void>;
    readonly close: () => Promise<void>;
  };
}>;

/** By the name of the block. */
export const snippetRuns: Readonly<Record<string, SnippetRun>> = {
  'README.md: Write your own host': {
    before: place => rmSync(at(place, 'store'), { recursive: true }),
    after: async place => {
      const { ledger, vats, queued } = await summarize(place);
      expect([ledger.map(({ epoch }) => epoch), queued]).to.deep.equal([['spring'], 0]);
      expect(vats.map(({ name }) => name)).to.include('bank');
    },
  },
  'docs/inspector.md: From JavaScript': {
    after: (_place, _exports, printed) => {
      expect(printed).to.have.length(1);
      expect(printed[0]).to.match(/^http:\/\/127\.0\.0\.1:\d+\/#token=/);
    },
  },
  'docs/observability.md: Plug in an SDK of your own': {
    after: (_place, { metrics }) => {
      expect(JSON.stringify(metrics)).to.contain('"swingset_delivery_seconds"');
    },
  },
  'docs/observability.md: Write the slog to a file (2)': {
    before: place => rmSync(at(place, 'slog.jsonl')),
    after: place => expect(existsSync(at(place, 'slog.jsonl'))).to.equal(false),
  },
  "docs/platform-epochs.md: Write a chain's upgrade handler": {
    after: async (place, { bootChain }) => {
      const lines: string[] = [];
      const { controller, hostStorage } = await (bootChain as BootChain)({
        swingsetDir: at(place, 'store'),
        upgradePlan: { name: 'agoric-upgrade-18', height: 7 },
        exportCallback: () => undefined,
        log: (line: string) => void lines.push(line),
      });
      await hostStorage.commit();
      await controller.shutdown();
      await hostStorage.close();
      const { ledger, vats } = await summarize(place);
      expect(ledger.at(-1)).to.include({ epoch: 'agoric-upgrade-18', status: 'complete' });
      expect(lines).to.have.length(vats.length);
      for (const line of lines) expect(line).to.match(/^\d+\/\d+ v\d+ restarted$/);
    },
  },
  'docs/solo-host.md: In a program of your own': {
    after: async (place, { kpid }, printed) => {
      const { hostStorage, kernelStorage } = openSwingStore(at(place, 'store'), { readOnly: true });
      // Two deposits of the place's, and this one.
      expect(kernelStorage.kvStore.get(`${String(kpid)}.data.body`)).to.equal('#111');
      await hostStorage.close();
      expect(printed.length).to.be.greaterThan(0);
    },
  },
  'docs/swingstore.md: What is checked, and what can be repaired': {
    after: (_place, _exports, printed) => expect(printed).to.deep.equal([]),
  },
  // It throws what is wrong.
  'docs/vat-author.md: Promises in flight': { after: () => undefined },
};

const CONSOLE = 'console of a snippet';

/** In the tree, so that the program finds this project's dependencies. */
const folder = join(root, 'node_modules/.cache/swingset-kernel/snippets');

/** Imports the program into this process, whose working directory is the place. */
export const runSnippet = async (
  { text, block }: Program,
  index: number,
): Promise<{ readonly exports: Exports; readonly printed: readonly string[] }> => {
  const printed: string[] = [];
  const write = (...args: readonly unknown[]): void =>
    void printed.push(args.map(String).join(' '));
  Object.assign(globalThis, { [Symbol.for(CONSOLE)]: { log: write } });
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${process.pid}-${index}.${block.language === 'ts' ? 'mts' : 'mjs'}`);
  const ownConsole = `const console = globalThis[Symbol.for('${CONSOLE}')];`;
  // This process is locked down already.
  const program = importSources(text).replace(/^import '@endo\/init';$/m, '');
  writeFileSync(file, `${ownConsole}\n${program}`);
  try {
    const exports = (await import(pathToFileURL(file).href)) as Exports;
    return { exports, printed };
  } finally {
    rmSync(file);
  }
};
