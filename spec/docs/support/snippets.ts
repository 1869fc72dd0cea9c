/**
 * What the pages take for granted around their `js` and `ts` blocks: names that the text before them
 * has introduced. Each block is type-checked in its context (`snippets.spec.ts`), and those without
 * `notRun` are run in it (`stories/snippet-runs.ts`).
 */
import { blockOf, type FencedBlock } from './blocks.js';

export interface Snippet {
  /** TypeScript between the block's own imports and the rest of it. Imports come first. */
  readonly before?: string;
  /** TypeScript after the block. */
  readonly after?: string;
  /** A text that TypeScript wants written otherwise than JavaScript. */
  readonly typed?: readonly [javaScript: string, typeScript: string];
  /** Why the block is not run. */
  readonly notRun?: string;
}

const FRAGMENT = 'a part of a host or a vat, whose rest the reader has';

const declarations = (types: string, ...names: readonly string[]): string =>
  [`import type { ${types} } from 'swingset-kernel';`, ...names].join('\n');

const storage = 'declare const kernelStorage: KernelStorage;';
const endowments = 'declare const deviceEndowments: DeviceEndowments;';
const makeController = "import { makeSwingsetController } from 'swingset-kernel';";
const host = 'declare const hostStorage: HostStorage;';
const running = 'declare const controller: SwingsetController;';
const options = 'const options: SwingsetRuntimeOptions = {';
const vatData = "import { provide } from '@agoric/vat-data';";
const baggage = 'declare const baggage: Map<string, unknown>;';
const far = "import { E, Far } from '@endo/far';";

/** The functions that a proposal gets. */
const powers = `interface Powers {
  readonly vatAdmin: any;
  readonly timer: any;
  readonly shopAdmin: any;
  readonly publish: (name: string, facet: unknown) => Promise<void>;
  readonly grantPowers: (powers: object) => Promise<void>;
}
const proposal: (powers: Powers) => Promise<void> =`;

export const snippets: Readonly<Record<string, Snippet>> = {
  'README.md: Write your own host': {},

  'docs/chain.md: Publish something': {
    before: `import { E, Far as makeFar } from '@endo/far';
type Vats = Readonly<Record<string, any>> & { readonly chain: any };
type Devices = Readonly<Record<string, unknown>>;
interface Root { readonly bootstrap: (vats: Vats, devices: Devices) => Promise<void> }
const Far = (name: string, root: Root): Root => makeFar(name, root as never);`,
    notRun: FRAGMENT,
  },
  'docs/chain.md: Publish something (2)': {
    before: `${far}\n${powers}`,
    after: 'export { proposal };',
    notRun: 'the code of a proposal, which runs on a chain',
  },
  'docs/chain.md: Publish something (3)': {
    before: `${far}\n${powers}`,
    after: 'export { proposal };',
    notRun: 'the code of a proposal, which runs on a chain',
  },
  'docs/chain.md: Proofs (2)': {
    before: `import { rowKeyOf, verifyRowProof } from 'swingset-kernel/chain';
import type { ProofOp } from 'swingset-kernel/chain';
declare const appHash: Uint8Array;
declare const value: Uint8Array;
declare const proofOps: readonly ProofOp[];`,
    after: 'export const text: Uint8Array | null = row;',
    notRun:
      'needs the answer of an engine; spec/host/block-host/row-proofs.spec.ts verifies proofs',
  },

  'docs/host-author.md: Pass the name of an upgrade': {
    before: [
      makeController,
      declarations('DeviceEndowments, KernelStorage, SwingsetRuntimeOptions', storage, endowments),
      'declare const runtimeOptions: SwingsetRuntimeOptions;',
      "declare const restartOptions: SwingsetRuntimeOptions['platformRestart'];",
      'declare const isUpgradeBoot: boolean;',
    ].join('\n'),
    after: 'export { controller };',
    notRun: FRAGMENT,
  },
  'docs/host-author.md: Pass the name of an upgrade (2)': {
    before: `declare const initAction: { readonly upgradePlan?: { readonly name: string } };
declare const PLATFORM_EPOCH: string;`,
    after: 'export const allow: boolean = isUpgradeBoot;',
    notRun: FRAGMENT,
  },
  'docs/host-author.md: Boot without waiting for vats': {
    before: [
      makeController,
      declarations('DeviceEndowments, KernelStorage, SwingsetRuntimeOptions', storage, endowments),
      'declare const runtimeOptions: SwingsetRuntimeOptions;',
    ].join('\n'),
    after: 'export { controller };',
    notRun: FRAGMENT,
  },

  'docs/inspector.md: From JavaScript': { after: 'await close();' },

  'docs/observability.md: Plug in an SDK of your own': {
    before: `import { AggregationTemporality, InMemoryMetricExporter } from '@opentelemetry/sdk-metrics';
import { openSwingStore } from 'swingset-kernel';
const { kernelStorage, hostStorage } = openSwingStore('./store');
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const endowments = {};`,
    after: `controller.queueToVatRoot('bank', 'deposit', [1]);
await controller.run();
await provider.forceFlush();
export const metrics = exporter.getMetrics();
endGauges();
await provider.shutdown();
await controller.shutdown();
await hostStorage.close();`,
  },
  'docs/observability.md: Write the slog to a file (2)': {},

  'docs/platform-epochs.md: Choose epochs': {
    before: [
      makeController,
      declarations('DeviceEndowments, KernelStorage', storage, endowments),
    ].join('\n'),
    after: 'export { controller };',
    notRun: FRAGMENT,
  },
  "docs/platform-epochs.md: Write a chain's upgrade handler": {},
  'docs/platform-epochs.md: Drain before you halt': {
    before: declarations(
      'HostStorage, RunPolicy, SwingsetController',
      ...[running, host, 'declare const makePolicy: () => RunPolicy;'],
    ),
    notRun: FRAGMENT,
  },
  'docs/platform-epochs.md: Parameters for the new incarnation': {
    before: [declarations('SwingsetRuntimeOptions'), options].join('\n'),
    after: '}; export { options };',
    notRun: FRAGMENT,
  },
  'docs/platform-epochs.md: Parameters for the new incarnation (2)': {
    before: [
      declarations('SwingsetRuntimeOptions'),
      'type Marshalled = { readonly body: string; readonly slots: readonly string[] };',
      'declare const kunser: (data: Marshalled) => any;',
      'declare const contracts: string;',
      options,
    ].join('\n'),
    after: '}; export { options };',
    notRun: FRAGMENT,
  },
  'docs/platform-epochs.md: The pace of a rolling restart': {
    before: [
      "import { computronCounter } from 'swingset-kernel';",
      declarations('SwingsetController', running),
    ].join('\n'),
    notRun: FRAGMENT,
  },
  'docs/platform-epochs.md: Checkpoints': {
    before: declarations('HostStorage, SwingsetRuntimeOptions', host),
    after: 'export const options: SwingsetRuntimeOptions = { platformRestart };',
    notRun: FRAGMENT,
  },

  'docs/solo-host.md: In a program of your own': { after: 'export { kpid };' },
  'docs/swingstore.md: What is checked, and what can be repaired': {},

  'docs/vat-author.md: Baggage': { before: `${vatData}\n${baggage}`, notRun: FRAGMENT },
  'docs/vat-author.md: Durable collections': {
    before: `import { makeScalarBigMapStore, provide } from '@agoric/vat-data';\n${baggage}`,
    after: 'export { prices };',
    notRun: FRAGMENT,
  },
  'docs/vat-author.md: Promises in flight': {
    before: `import { isUpgradeDisconnection } from '@agoric/internal/src/upgrade-api.js';
const disconnection =`,
    after: `if (!isUpgradeDisconnection(harden(disconnection))) throw Error('not a disconnection');`,
  },
  'docs/vat-author.md: Wait for others': {
    before: `import { isUpgradeDisconnection } from '@agoric/internal/src/upgrade-api.js';
declare const ask: () => void;
const watcher: { readonly onRejected: (reason: unknown) => void } = {`,
    after: '}; export { watcher };',
    notRun: FRAGMENT,
  },
  'docs/vat-author.md: Notifiers': {
    before: `${far}
import { watchPromise } from '@agoric/vat-data';
declare const notifier: any;
declare const observer: object;`,
    notRun: FRAGMENT,
  },
  'docs/vat-author.md: Test your vats': {
    typed: ["['eager', 'lazy', 'rolling']", "['eager', 'lazy', 'rolling'] as const"],
    notRun: 'a test file, which `npm run test:docs` runs with the vat that it is about',
  },
};

/** An import's last line. */
const endsImport = (line: string): boolean => /^(import\b.*|\} from '.*');$/.test(line);

/** A block in its context. */
export interface Program {
  readonly block: FencedBlock;
  readonly snippet: Snippet;
  readonly text: string;
  /** The page's line of a line of `text`, both from 1 on; undefined in the context. */
  readonly pageLine: (line: number) => number | undefined;
}

/** The block's imports, the context's part before, the rest of the block, the part after. */
const programOf = (id: string, snippet: Snippet): Program => {
  const block = blockOf(id);
  const lines = block.text.split('\n');
  const imports = lines.findLastIndex(endsImport) + 1;
  const before = snippet.before?.split('\n') ?? [];
  const parts = [...lines.slice(0, imports), ...before, ...lines.slice(imports)];
  // A block that imports nothing is a module as well.
  const text = [...parts, snippet.after ?? '', 'export {};'].join('\n');
  return {
    block,
    snippet,
    text,
    pageLine: line => {
      if (line <= imports) return block.line + line - 1;
      const rest = line - before.length;
      return rest > imports && rest <= lines.length ? block.line + rest - 1 : undefined;
    },
  };
};

export const programs: readonly Program[] = Object.entries(snippets).map(([id, snippet]) =>
  programOf(id, snippet),
);
