/** One life of the example swingset: boot, work, report, stop. */
import { fileURLToPath } from 'node:url';
import type { VatSummary } from '../lib/host/swingset-summary.js';
import { summarizeSwingset } from '../lib/host/swingset-summary.js';
import { kunser } from '../lib/kernel/delivery/kmarshal.js';
import type { PlatformEpoch } from '../lib/types/platform-epoch.js';
import type { PlatformRestartReport } from '../lib/platform-epoch/types.js';
import { openSwingStore } from '../lib/store/swing-store.js';
import { callRoot, openSolo } from './solo.js';

const configFile = fileURLToPath(new URL('./swingset.json', import.meta.url));

/** The answer of the bootstrap vat's `report()`. */
export interface ExampleReport {
  /** Why the ledger's `whenClosed()` was rejected, as alice and bob saw it; else `none`. */
  readonly alice: unknown;
  readonly bob: unknown;
  readonly ledger: {
    readonly currency: string;
    readonly balances: Readonly<Record<string, number>>;
    /** Kept in RAM: a restart resets it. */
    readonly visits: number;
  };
  readonly journal: { readonly title: string; readonly lines: number };
}

export interface Life {
  readonly platformEpoch: PlatformEpoch;
  readonly isNew: boolean;
  readonly bootMs: number;
  readonly workMs: number;
  readonly cranks: number;
  readonly restart: PlatformRestartReport | undefined;
  readonly report: ExampleReport;
  /** The ledger's `whenClosed()`, called in the first life: its state now, and how it settled. */
  readonly inFlight: { readonly kpid: string; readonly state: string; readonly value: unknown };
  readonly vats: readonly VatSummary[];
}

export interface LifeOptions {
  readonly home: string;
  readonly platformEpoch: PlatformEpoch;
  readonly worker: 'xsnap' | 'local';
  readonly rounds: number;
  /** The kpid of the promise that the first life left in flight. */
  readonly inFlight?: string;
}

export const live = async (options: LifeOptions): Promise<Life> => {
  const { home, platformEpoch, worker, rounds } = options;
  const startedAt = performance.now();
  const host = await openSolo({ home, configFile, worker, runtimeOptions: { platformEpoch } });
  const { controller, isNew } = host;
  const bootedAt = performance.now();
  const bootCranks = await host.run();
  const inFlight = options.inFlight ?? controller.queueToVatRoot('ledger', 'whenClosed');
  const work = await callRoot(host, 'bootstrap', 'work', [rounds]);
  const report = await callRoot(host, 'bootstrap', 'report', []);
  const workedAt = performance.now();
  const state = controller.kpStatus(inFlight);
  const value: unknown =
    state === 'rejected' ? kunser(controller.kpResolution(inFlight)) : undefined;
  const restart = controller.getPlatformRestartReport();
  await host.close();
  return {
    platformEpoch,
    isNew,
    bootMs: bootedAt - startedAt,
    workMs: workedAt - bootedAt,
    cranks: bootCranks + work.cranks + report.cranks,
    restart,
    report: report.value as ExampleReport,
    inFlight: { kpid: inFlight, state, value },
    vats: await readVats(home),
  };
};

const readVats = async (home: string): Promise<readonly VatSummary[]> => {
  const { hostStorage, kernelStorage } = openSwingStore(home, { mustExist: true });
  try {
    return summarizeSwingset(kernelStorage).vats;
  } finally {
    await hostStorage.close();
  }
};
