/** Compares a kernel at rest with the model: reports of vats, flags, and c-lists after a reap. */
import { isVatID } from '../../lib/types/ids.js';
import type { Host } from './host.js';
import type { LetterReport } from './letters.js';
import { strongPlaces, type Model, type Settlement, type VatModel } from './model.js';
import { expectEqual, settlementOf, SoakFailure, type Answer } from './operation.js';

export type Table = ReadonlyMap<string, { readonly reachable: boolean; readonly vref: string }>;

/** Reports of live vats, by name. */
const vatIDsOf = (host: Host): ReadonlyMap<string, string> =>
  new Map(
    host.controller.getStatus().activeVats.map(({ id, options }) => [options.name ?? id, id]),
  );

/** Takes over that vats were started by what the kernel owed them, and compares all flags. */
export const checkFlags = (host: Host, model: Model): void => {
  const statuses = host.controller.getStatus().activeVats;
  const players = statuses.filter(({ options: { name } }) => /^p\d+$/.test(name ?? ''));
  const names = players.map(({ options }) => options.name).sort();
  expectEqual('vats', names, [...model.vats.keys()].sort());
  for (const { options, suspended: status } of players) {
    const vat = model.vat(options.name ?? '');
    if (!status?.suspended) {
      // One that slept may have been started before it was paused.
      if (vat.suspended && vat.canStart && vat.requested === undefined) model.started(vat);
    } else if (!vat.paused && !vat.canStart) {
      // Only the kernel knows whether a start was tried.
      vat.broken ||= status.error !== undefined;
      vat.paused = status.paused;
    }
    const flags = [status?.suspended ?? false, status?.paused ?? false];
    expectEqual(`flags of ${vat.name}`, flags, [vat.suspended, vat.paused]);
  }
};

const sorted = (notes: ReadonlyMap<string, Settlement>) =>
  [...notes].sort(([a], [b]) => (a < b ? -1 : 1));

/** What a player says of itself. */
export interface PlayerReport {
  readonly inRAM: number;
  readonly count: number;
  readonly incarnations: number;
  readonly held: unknown;
  readonly notes: readonly unknown[];
  readonly durableNotes: readonly unknown[];
  readonly letters: LetterReport;
}

/** Asks a vat for everything that it holds. */
export const requestReport = ({ controller }: Host, vat: VatModel): string =>
  controller.queueToVatRoot('driver', 'tell', [vat.name, 'report']);

export const reportIn = (answer: Answer | undefined): PlayerReport => {
  if (!answer) throw new SoakFailure('a vat that is up does not report');
  const [status, report] = settlementOf(answer);
  if (status !== 'fulfilled') throw new SoakFailure(`no report: ${String(report)}`);
  return report as PlayerReport;
};

export const checkReport = (model: Model, vat: VatModel, answer: Answer | undefined): void => {
  const { letters, ...report } = reportIn(answer);
  const held = strongPlaces.map(place => [place, [...vat.place(place).keys()].sort()]);
  expectEqual(`report of ${vat.name}`, report, {
    inRAM: vat.inRAM,
    count: vat.count,
    incarnations: vat.starts,
    held: Object.fromEntries(held) as unknown,
    notes: sorted(vat.notes),
    durableNotes: sorted(vat.durableNotes),
  });
  model.letters.check(model, vat, letters);
};

const tablesOf = (host: Host): ReadonlyMap<string, Table> => {
  const tables = new Map<string, Map<string, { reachable: boolean; vref: string }>>();
  for (const [kref, vatID] of host.controller.dump().kernelTable) {
    if (!isVatID(vatID)) continue;
    const table = tables.get(vatID) ?? new Map<string, { reachable: boolean; vref: string }>();
    const [flag, vref = ''] = host.kvStore.get(`${vatID}.c.${kref}`)?.split(' ') ?? [];
    table.set(kref, { reachable: flag === 'R', vref });
    tables.set(vatID, table);
  }
  return tables;
};

/** What keeps things alive besides the vats that are up. */
const heldOtherwise = (
  host: Host,
  model: Model,
  tables: ReadonlyMap<string, Table>,
  waiting: ReadonlySet<string>,
  labelOf: ReadonlyMap<string, string>,
) => {
  const reached = new Set(waiting);
  const recognized = new Set<string>();
  const ids = vatIDsOf(host);
  for (const vat of model.vats.values()) {
    if (vat.parameters.keep !== undefined) reached.add(vat.parameters.keep);
    if (!vat.isDown && !vat.suspended) continue;
    for (const [kref, { reachable, vref }] of tables.get(ids.get(vat.name) ?? '') ?? []) {
      const label = labelOf.get(kref);
      if (label === undefined || vref.startsWith('o+')) continue;
      (reachable ? reached : recognized).add(label);
    }
  }
  for (const promise of host.controller.dump().promises) {
    const { slots = [] } = (promise['data'] ?? {}) as { slots?: readonly string[] };
    for (const kref of slots) {
      const label = labelOf.get(kref);
      if (label !== undefined) reached.add(label);
    }
  }
  return { reached, recognized };
};

/** Everything that the kernel knows about a thing, to explain a failure. */
const whereabouts = (
  host: Host,
  model: Model,
  tables: ReadonlyMap<string, Table>,
  label: string,
): string => {
  const { kref } = model.thing(label);
  const entries = [...tables].flatMap(([vatID, table]) => {
    const entry = table.get(kref);
    return entry ? [`${vatID} ${entry.reachable ? 'R' : '_'} ${entry.vref}`] : [];
  });
  const counts = host.controller.dump().objects.find(([each]) => each === kref);
  return [...(counts ?? ['gone']), ...entries].join(' ');
};

/**
 * Compares c-lists with the model after every vat got a `bringOutYourDead`.
 * `waiting`: things mentioned by messages that wait for vats.
 */
export const checkClists = (host: Host, model: Model, waiting: ReadonlySet<string>): void => {
  const labelOf = new Map([...model.things.values()].map(({ kref, label }) => [kref, label]));
  const tables = tablesOf(host);
  const other = heldOtherwise(host, model, tables, waiting, labelOf);
  const everyone = [model.driver, ...model.vats.values()];
  const alive = new Set(other.reached);
  for (const vat of everyone) for (const label of vat.held()) alive.add(label);
  const ids = vatIDsOf(host);

  const isReached = (label: string, owner: VatModel) =>
    other.reached.has(label) ||
    everyone.some(vat => vat !== owner && [...vat.held()].includes(label));
  const isRecognized = (label: string, owner: VatModel) =>
    other.recognized.has(label) ||
    everyone.some(vat => vat !== owner && [...vat.recognized()].includes(label));

  const expectedOf = (vat: VatModel): Map<string, string> => {
    const expected = new Map<string, string>();
    const isImport = (label: string) => alive.has(label) && !model.isOwn(vat, label);
    for (const label of vat.recognized()) if (isImport(label)) expected.set(label, '_');
    for (const label of vat.held()) if (isImport(label)) expected.set(label, 'R');
    for (const { label } of model.things.values()) {
      if (!model.isOwn(vat, label)) continue;
      if (isReached(label, vat)) expected.set(label, 'R');
      else if (alive.has(label) && isRecognized(label, vat)) expected.set(label, '_');
    }
    return expected;
  };

  for (const vat of everyone) {
    if (vat.isDown || vat.suspended) continue;
    const actual = new Map<string, string>();
    for (const [kref, { reachable }] of tables.get(ids.get(vat.name) ?? '') ?? []) {
      if (!kref.startsWith('ko')) continue;
      const label = labelOf.get(kref);
      if (label !== undefined) actual.set(label, reachable ? 'R' : '_');
      else if (vat !== model.driver)
        throw new SoakFailure(`${vat.name} has ${kref}, whatever it is`);
    }
    const expected = expectedOf(vat);
    // Nobody can tell what its owner, which is down, will do about it, or how many letters to it are
    // yet to be posted.
    for (const label of [...actual.keys(), ...expected.keys()]) {
      const isOpen = model.ownerIsOut(label) || model.letters.mayMention(model, label);
      if (!alive.has(label) && isOpen) {
        actual.delete(label);
        expected.delete(label);
      }
    }
    const list = (entries: ReadonlyMap<string, string>) =>
      [...entries].map(([label, flag]) => `${flag} ${label}`).sort();
    const known = [...actual.keys(), ...expected.keys()].filter(
      label => actual.get(label) !== expected.get(label),
    );
    const where = known.map(label => `${label}: ${whereabouts(host, model, tables, label)}`);
    expectEqual(
      `objects in the c-list of ${vat.name} (${where.join('; ')})`,
      list(actual),
      list(expected),
    );
    if (vat === model.driver) continue;
    const promises = [...(tables.get(ids.get(vat.name) ?? '') ?? [])].filter(([kref]) =>
      kref.startsWith('kp'),
    );
    const expectedPromises = vat.pledges.size + vat.unanswered;
    expectEqual(`promises in the c-list of ${vat.name}`, promises.length, expectedPromises);
  }
};

/** How many rows a live vat has in its vatstore. */
export const rowsOf = (host: Host, name: string): number => {
  const prefix = `${vatIDsOf(host).get(name)}.vs.`;
  let count = 0;
  let key = host.kvStore.getNextKey(prefix);
  while (key?.startsWith(prefix)) {
    count += 1;
    key = host.kvStore.getNextKey(key);
  }
  return count;
};

/** Entry, ordinal, and the key's list of collections. */
const ROWS_PER_MARK = 3;

/** Marks of live vats' roots, which the driver always has. Everything else is retired by now. */
const rowsOfMarks = (model: Model, vat: VatModel): number =>
  ROWS_PER_MARK *
  [...vat.marks('weakVirtual'), ...vat.marks('weakDurable')].filter(
    label => label.startsWith('root:') && model.vats.has(label.slice('root:'.length)),
  ).length;

/** Vats that dropped everything have the same number of rows, whatever happened to them. */
export const checkRows = (host: Host, model: Model): void => {
  const counts = [...model.vats.values()].map(vat => {
    const entries = vat.durableNotes.size + vat.correspondents + rowsOfMarks(model, vat);
    return rowsOf(host, vat.name) - entries;
  });
  expectEqual('rows of vats that hold nothing', new Set(counts).size, Math.min(counts.length, 1));
};
