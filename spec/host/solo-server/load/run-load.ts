/**
 * One run: a host in a process of its own, as `swingset-kernel start` makes it, and its clients in
 * another one. This process watches both.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, startServer } from '../../../cli/processes.js';
import { until } from '../../../support/processes.js';
import { countFiles, sampleHost, type Samples } from './host-figures.js';
import type { LoadOrder, LoadReport } from './orders.js';

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const SAMPLE_MS = 250;

const LONGEST_END_MS = 30_000;

export interface LoadOptions extends Pick<LoadOrder, 'seed' | 'requests' | 'rate'> {
  /** Of the vat that gets the messages. */
  readonly worker: 'local' | 'xsnap';
}

export interface RunReport extends LoadReport, Samples {
  /** Open files of the host before the load, and after it. */
  readonly files: { readonly before: number; readonly after: number };
  /** How the host ended after SIGTERM, and all that it had printed as errors. */
  readonly end: { readonly how: readonly [number | null, string | null]; readonly stderr: string };
  /** What `store verify` said. */
  readonly verified: { readonly code: number; readonly text: string };
}

/** @throws when the process of the clients ends without a report */
const makeLoad = async (order: LoadOrder): Promise<LoadReport> => {
  const child = fork(pathOf('generator.ts'), [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx/esm'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let report: LoadReport | undefined;
  child.on('message', message => {
    report = message as LoadReport;
  });
  const how = (await once(child, 'exit')) as [number | null, string | null];
  if (!report) throw Error(`the clients ended without a report: ${how.join(' ')}`);
  return report;
};

const measure = async (
  { pid, token, url, call }: Awaited<ReturnType<typeof startServer>>,
  order: Omit<LoadOrder, 'port' | 'token'>,
) => {
  // The server listens before all vats have started, and each has pipes.
  await call('tally', 'add', 0);
  const before = countFiles(pid);
  const samples = sampleHost(pid, SAMPLE_MS);
  let sampled: Samples;
  let report: LoadReport;
  try {
    report = await makeLoad({ port: Number(new URL(url).port), token, ...order });
  } finally {
    sampled = samples.end();
  }
  // The last connections may still be ending. Those that never do are for the report.
  const latest = Date.now() + LONGEST_END_MS;
  await until(() => countFiles(pid) <= before || Date.now() > latest);
  return { ...report, ...sampled, files: { before, after: countFiles(pid) } };
};

export const runLoad = async ({ worker, ...order }: LoadOptions): Promise<RunReport> => {
  const directory = mkdtempSync(join(tmpdir(), 'load-'));
  const home = join(directory, 'home');
  const host = await startServer(home, pathOf('swingset.json'), '--worker', worker);
  try {
    const measured = await measure(host, order);
    const end = await host.end('SIGTERM');
    const { code, stdout, stderr } = await command('store', 'verify', '--home', home);
    return { ...measured, end, verified: { code, text: stdout + stderr } };
  } catch (error) {
    const { how, stderr } = await host.end('SIGKILL');
    throw Error(`the host ended with ${how.join(' ')}: ${stderr}`, { cause: error });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};
