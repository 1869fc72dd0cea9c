/** Vats without liveslots that make given syscalls and record the kernel's deliveries. */
import { kslot } from '@agoric/kmarshal';
import type { StaticVatOptions, SwingSetConfig } from '../../../lib/controller/config-types.js';
import type { SlogEntry } from '../../../lib/types/slog.js';
import { withBundles } from '../../support/shared-bundles.js';
import { sourceOf, startLife, type Life, type LifeOptions } from '../../support/swingset.js';

type Step = readonly [syscall: string, ...args: unknown[]];

export interface RawVats {
  readonly life: Life;
  readonly id: (vat: string) => string;
  /** Makes a vat do syscalls. The things are arguments of the message that asks for them. */
  readonly queue: (vat: string, steps: readonly Step[], ...things: string[]) => string;
  readonly act: (vat: string, steps: readonly Step[], ...things: string[]) => Promise<void>;
  /** Exports something from one vat to others: a message with it goes to their roots. */
  readonly give: (from: string, vref: string, ...to: string[]) => Promise<string>;
  /** The message of `give`, once the vat imports the other's root. */
  readonly sendTo: (from: string, to: string, vref: string) => Step;
  /** `R o-50`, `_ o+7`, or undefined. */
  readonly entry: (vat: string, kref: string) => string | undefined;
  readonly vref: (vat: string, kref: string) => string;
  /** `owner reachable,recognizable`, or `gone`. */
  readonly object: (kref: string) => string;
  /** GC deliveries to the vat since the last `forget`, as `dropExports o+7 o+8`. */
  readonly told: (vat: string) => string[];
  readonly forget: () => void;
}

const gcDeliveries = ['dropExports', 'retireExports', 'retireImports'];

export const startRawVats = async (
  names: readonly string[],
  options: StaticVatOptions = {},
  settings: Partial<SwingSetConfig> = {},
  lifeOptions: Partial<LifeOptions> = {},
): Promise<RawVats> => {
  const vat = {
    sourceSpec: sourceOf(import.meta.url, '../vats/raw.js'),
    creationOptions: { ...options, managerType: 'local', enableSetup: true } as const,
  };
  const life = await startLife({
    worker: 'local',
    config: await withBundles({
      defaultReapInterval: 'never',
      defaultReapGCKrefs: 'never',
      ...settings,
      vats: { ...Object.fromEntries(names.map(name => [name, vat])), ...settings.vats },
    }),
    ...lifeOptions,
  });
  for (const name of names) life.controller.pinVatRoot(name);
  await life.run();

  const id = (name: string) => life.controller.vatNameToID(name);
  const rootOf = (name: string) => life.controller.getRootObject(id(name));
  const dump = () => life.controller.dump();
  const entry = (name: string, kref: string) =>
    life.kernelStorage.kvStore.get(`${id(name)}.c.${kref}`);
  const vref = (name: string, kref: string) => {
    const text = entry(name, kref);
    if (text === undefined) throw Error(`${name} does not know ${kref}`);
    return text.slice(2);
  };
  const raw: RawVats = {
    life,
    id,
    queue: (name, steps, ...things) =>
      life.controller.queueToVatRoot(name, 'do', [steps, ...things.map(kref => kslot(kref))]),
    act: async (name, steps, ...things) => {
      raw.queue(name, steps, ...things);
      await life.run();
    },
    sendTo: (from, to, thing) => [
      'send',
      vref(from, rootOf(to)),
      { body: `#["do",[[],"${thing.startsWith('p') ? '&0' : '$0'}"]]`, slots: [thing] },
    ],
    give: async (from, thing, ...to) => {
      for (const other of to) {
        await raw.act(from, [], rootOf(other));
        await raw.act(from, [raw.sendTo(from, other, thing)]);
      }
      const row = dump().kernelTable.find(
        ([, owner, vref]) => owner === id(from) && vref === thing,
      );
      if (!row) throw Error(`${from} does not export ${thing}`);
      return row[0];
    },
    entry,
    vref,
    object: kref => {
      const found = dump().objects.find(([each]) => each === kref);
      return found ? `${found[1]} ${found[2]},${found[3]}` : 'gone';
    },
    told: name =>
      life.slog
        .filter(
          (entry: SlogEntry) =>
            entry.type === 'deliver' &&
            entry['vatID'] === id(name) &&
            gcDeliveries.includes(entry['dispatch'] as string),
        )
        .map(entry => (entry['vd'] as [string, string[]]).flat().join(' ')),
    forget: () => void (life.slog.length = 0),
  };
  return raw;
};
