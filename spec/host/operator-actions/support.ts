/**
 * A swingset with notes to mend: made once a spec file, and copied for each test.
 *
 * | vat | state |
 * | --- | --- |
 * | `open` | in service; two messages for it are queued: a, b |
 * | `held` | suspended by the host; three messages wait: one, the poison, three |
 * | `vital` | critical |
 * | `helper` | dynamic |
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { summarizeSwingset, type VatSummary } from '../../../lib/host/swingset-summary.js';
import { lookAtStore } from '../../../lib/host/look-at-store.js';
import { openSoloHost, type SoloHost } from '../../../lib/host/solo-host.js';
import { checkKernelState } from '../../../lib/state/check-kernel-state.js';
import type { VatID } from '../../../lib/types/ids.js';
import { answerOf, silent, withoutSystemVats } from '../../controller/support.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { makeTempDir } from '../../support/swingset.js';

export const sourceOf = (name: string): string =>
  fileURLToPath(new URL(`./vats/${name}.js`, import.meta.url));

const notes = { sourceSpec: sourceOf('vat-notes'), parameters: {} };

export const POISON_POSITION = 2;

interface Template {
  readonly directory: string;
  readonly home: string;
  /** The promises for the results of what waits for `held`. */
  readonly kpids: readonly string[];
  readonly idOf: (name: string) => VatID;
}

let template: Promise<Template> | undefined;

const openHost = (home: string): Promise<SoloHost> =>
  openSoloHost({
    home,
    getConfig: async () => ({
      bootstrap: 'bootstrap',
      defaultManagerType: 'local',
      // As chains set it. With the default, 1, each delivery of a local vat pays for a collection.
      defaultReapInterval: 1000,
      bundleCachePath,
      bundles: { notes: { sourceSpec: sourceOf('vat-notes') } },
      vats: {
        bootstrap: { sourceSpec: sourceOf('bootstrap') },
        open: notes,
        held: notes,
        vital: { ...notes, creationOptions: { critical: true } },
      },
    }),
    initializationOptions: withoutSystemVats,
    runtimeOptions: { console: silent, platformEpoch: 1 },
  });

const makeTemplate = async (): Promise<Template> => {
  const directory = mkdtempSync(join(tmpdir(), 'operator-actions-'));
  const home = join(directory, 'home');
  const host = await openHost(home);
  const { controller } = host;
  await host.run();
  const vatIDs = new Map(
    controller.getStatus().activeVats.map(({ id, options }) => [options.name, id] as const),
  );
  const idOf = (name: string): VatID => {
    const vatID = vatIDs.get(name);
    if (vatID === undefined) throw Error(`no vat ${name}`);
    return vatID;
  };
  await controller.suspendVat(idOf('held'));
  const kpids = [
    controller.queueToVatRoot('held', 'write', ['one']),
    controller.queueToVatRoot('held', 'poison'),
    controller.queueToVatRoot('held', 'write', ['three']),
  ];
  await host.run();
  for (const text of ['a', 'b']) controller.queueToVatRoot('open', 'write', [text]);
  await host.commit();
  await host.close();
  return { directory, home, kpids, idOf };
};

after('delete the template', async () => {
  const made = await template;
  template = undefined;
  if (made) rmSync(made.directory, { recursive: true });
});

/** A copy of the swingset, deleted when the test ends. */
export const copyNotes = async () => {
  template ??= makeTemplate();
  const { home: from, kpids, idOf } = await template;
  const home = join(makeTempDir(), 'home');
  cpSync(from, home, { recursive: true });
  return { home, kpids, idOf };
};

export const summarize = (home: string) =>
  lookAtStore(home, ({ kernelStorage }) => summarizeSwingset(kernelStorage));

/** Undefined for a vat that has ended. */
export const vatOf = async (home: string, name: string): Promise<VatSummary | undefined> =>
  (await summarize(home)).vats.find(each => each.name === name);

/** Boots, runs all that is queued, and asks. The kernel's tables must be whole after that. */
export const runAndAsk = async (
  home: string,
  questions: readonly (readonly [vat: string, method: string])[],
  kpids: readonly string[] = [],
) => {
  const host = await openHost(home);
  const { controller } = host;
  const asked = questions.map(([vat, method]) => controller.queueToVatRoot(vat, method));
  await host.run();
  const answers = asked.map(kpid => answerOf(controller, kpid).value);
  const results = kpids.map(kpid => answerOf(controller, kpid));
  await host.run();
  await host.close();
  const findings = await lookAtStore(home, ({ kernelStorage }) =>
    checkKernelState(kernelStorage, { hostHeld: 'unknown' }),
  );
  if (findings.length > 0) throw Error(`inconsistent: ${JSON.stringify(findings)}`);
  return { answers, results };
};
