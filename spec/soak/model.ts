/**
 * The expected state of the kernel, in plain data: which vats live in which incarnation, what
 * they hold and recognize, which promises are pending and what the others became.
 *
 * Boundary: knows nothing of kernels. Operations step it; `checks.ts` compares it with a kernel.
 */
import type { PlatformRestartMode } from '../../lib/types/platform-epoch.js';
import type { ManagerType } from '../../lib/types/vat-options.js';
import type { ServiceRequester } from '../../lib/types/vat-service.js';
import { Letters } from './letters.js';

/** `fulfilled` with a plain value or with a thing (its label), or `rejected` with a reason. */
export type Settlement =
  readonly ['fulfilled', unknown, { readonly thing: string }?] | readonly ['rejected', unknown];

export type ThingKind = 'heap' | 'virtual' | 'durable' | 'root';

export interface Thing {
  readonly label: string;
  readonly owner: string;
  readonly kind: ThingKind;
  /** The owner's incarnation that made it. */
  readonly incarnation: number;
  /** Its kref, while anyone but its owner knows it. */
  kref: string;
}

export interface Pledge {
  readonly name: string;
  /** The vat that can settle it. Undefined for the result of a message queued in a promise. */
  readonly decider: string | undefined;
  settlement: Settlement | undefined;
  /** The promise that it follows. */
  follows: string | undefined;
  /** The promise that its message was sent to. */
  readonly onto: string | undefined;
  /** Results of messages that were sent to it. */
  readonly pipelined: string[];
}

export const strongPlaces = ['ram', 'virtual', 'virtualBoxes', 'durable', 'boxes'] as const;
export const weakPlaces = ['weakRAM', 'weakVirtual', 'weakDurable'] as const;
const durablePlaces: readonly string[] = ['durable', 'boxes', 'weakDurable'];
export const isDurablePlace = (place: string): boolean => durablePlaces.includes(place);

interface VatModelOptions {
  readonly parameters?: VatModel['parameters'];
  readonly enablePipelining?: boolean;
  readonly isLocal?: boolean;
}

export class VatModel {
  readonly name: string;
  readonly pipelining: boolean;
  readonly isLocal: boolean;
  incarnation = 0;
  /** Number of its starts. */
  starts = 1;
  suspended = false;
  paused = false;
  /** Who asked for the suspension, and for the pause. */
  requested: ServiceRequester | undefined;

  pauseRequested: ServiceRequester | undefined;

  /** It failed to start. */
  broken = false;
  /** Its code refuses to start, unless its parameters say `mend`. */
  fails = false;
  parameters: { readonly mend?: true; readonly keep?: string };
  inRAM = 0;
  count = 0;
  readonly strong = new Map<string, Map<string, string>>();
  readonly weak = new Map<string, Set<string>>();
  readonly watched = new Set<string>();
  readonly watchedDurably = new Set<string>();
  readonly notes = new Map<string, Settlement>();
  readonly durableNotes = new Map<string, Settlement>();
  /** Unresolved promises in its c-list, but for those of letters. */
  readonly pledges = new Set<string>();
  /** Letters that it waits for an answer to, when it was last asked. */
  unanswered = 0;
  /** How many entries its books about letters had then. */
  correspondents = 0;
  /** Locks of operations that wait for it. */
  readonly reserved = new Set<string>();
  /** What happens when deliveries go on. */
  readonly waiting: (() => void)[] = [];

  constructor(
    name: string,
    { parameters = {}, enablePipelining = false, isLocal = false }: VatModelOptions = {},
  ) {
    this.name = name;
    this.parameters = parameters;
    this.pipelining = enablePipelining;
    this.isLocal = isLocal;
    for (const place of strongPlaces) this.strong.set(place, new Map());
    for (const place of weakPlaces) this.weak.set(place, new Set());
  }

  place(name: string): Map<string, string> {
    const place = this.strong.get(name);
    if (!place) throw Error(`no place ${name}`);
    return place;
  }

  marks(name: string): Set<string> {
    const marks = this.weak.get(name);
    if (!marks) throw Error(`no place ${name}`);
    return marks;
  }

  get canStart(): boolean {
    return !this.fails || this.parameters.mend === true;
  }

  /** Deliveries wait: they are to, or it can't start. */
  get isDown(): boolean {
    return this.paused || (this.suspended && !this.canStart);
  }

  /** Labels of the things that its code can reach. */
  *held(): Generator<string, void> {
    for (const place of this.strong.values()) yield* place.values();
    if (this.parameters.keep !== undefined) yield this.parameters.keep;
  }

  *recognized(): Generator<string, void> {
    for (const marks of this.weak.values()) yield* marks;
  }
}

export const disconnection = (upgradeMessage: string, incarnationNumber: number): Settlement => [
  'rejected',
  { name: 'vatUpgraded', upgradeMessage, incarnationNumber },
];

export const TERMINATED: Settlement = ['rejected', 'vat terminated'];

export interface ModelOptions {
  /** The limit on live players. */
  readonly maxVats: number;
  /** What most players run on. */
  readonly worker: ManagerType;
}

export class Model {
  readonly maxVats: number;
  readonly worker: ManagerType;
  readonly driver = new VatModel('driver');
  /** Live players. */
  readonly vats = new Map<string, VatModel>();
  /** Ended players whose names the driver still has. */
  readonly gone = new Set<string>();
  readonly things = new Map<string, Thing>();
  readonly pledges = new Map<string, Pledge>();
  readonly letters = new Letters();
  epoch = 1;
  #next = 0;
  /** During a restart of several vats: deliveries due when all have restarted. */
  #news: (() => void)[] | undefined;

  constructor({ maxVats, worker }: ModelOptions) {
    this.maxVats = maxVats;
    this.worker = worker;
    this.driver.strong.set('things', new Map());
    this.driver.strong.set('roots', new Map());
  }

  /** Local vats are reaped more rarely: each time, all memory of this process is collected. */
  get deliveriesPerReap(): number {
    return this.worker === 'local' ? 20 : 1;
  }

  /** An unused name. */
  newName(prefix: string): string {
    this.#next += 1;
    return `${prefix}${this.#next}`;
  }

  thing(label: string): Thing {
    const thing = this.things.get(label);
    if (!thing) throw Error(`no thing ${label}`);
    return thing;
  }

  pledge(name: string): Pledge {
    const pledge = this.pledges.get(name);
    if (!pledge) throw Error(`no promise ${name}`);
    return pledge;
  }

  /** Vats whose end may settle a promise. */
  *settlers(pledge: Pledge): Generator<string, void> {
    if (pledge.decider !== undefined) yield pledge.decider;
    for (const name of [pledge.follows, pledge.onto]) {
      const other = name === undefined ? undefined : this.pledges.get(name);
      if (other) yield* this.settlers(other);
    }
  }

  vat(name: string): VatModel {
    const vat = name === 'driver' ? this.driver : this.vats.get(name);
    if (!vat) throw Error(`no vat ${name}`);
    return vat;
  }

  addVat(vat: VatModel, rootKref: string): void {
    const label = `root:${vat.name}`;
    this.vats.set(vat.name, vat);
    this.things.set(label, {
      label,
      owner: vat.name,
      kind: 'root',
      incarnation: 0,
      kref: rootKref,
    });
    this.driver.place('roots').set(vat.name, label);
  }

  /** Does its owner still have it? */
  answers(label: string): boolean {
    const { owner, kind, incarnation } = this.thing(label);
    const vat = this.vats.get(owner);
    if (!vat) return false;
    return kind === 'root' || kind === 'durable' || incarnation === vat.incarnation;
  }

  /** Does the vat own it, and still have it? */
  isOwn(vat: VatModel, label: string): boolean {
    return this.thing(label).owner === vat.name && this.answers(label);
  }

  /** The result of a message to it. Its owner must not be down. */
  answerOf(label: string): Settlement {
    if (!this.answers(label)) return TERMINATED;
    return ['fulfilled', this.thing(label).kind === 'root' ? 'a root' : label];
  }

  ownerIsDown(label: string): boolean {
    return this.answers(label) && (this.vats.get(this.thing(label).owner)?.isDown ?? false);
  }

  /** Like `ownerIsDown`, or its owner has not started yet. */
  ownerIsOut(label: string): boolean {
    const vat = this.vats.get(this.thing(label).owner);
    return vat !== undefined && (vat.isDown || vat.suspended);
  }

  endIncarnation(vat: VatModel, upgradeMessage: string): void {
    const reason = disconnection(upgradeMessage, vat.incarnation);
    vat.incarnation += 1;
    vat.inRAM = 0;
    for (const [name, place] of vat.strong) {
      if (!isDurablePlace(name) && vat !== this.driver) place.clear();
    }
    for (const [name, marks] of vat.weak) if (!isDurablePlace(name)) marks.clear();
    vat.watched.clear();
    vat.notes.clear();
    for (const name of vat.pledges) if (!vat.watchedDurably.has(name)) vat.pledges.delete(name);
    const decided = [...this.pledges.values()].filter(({ decider }) => decider === vat.name);
    for (const pledge of decided) this.settle(pledge, reason);
  }

  started(vat: VatModel): void {
    vat.starts += 1;
    vat.suspended = false;
    vat.requested = undefined;
    vat.broken = false;
    if (vat.parameters.mend) vat.fails = false;
  }

  /** A delivery to a vat in service. It starts the vat if necessary. */
  reach(vat: VatModel): void {
    if (vat.suspended && !vat.isDown) this.started(vat);
  }

  /** The vat gets deliveries again. */
  release(vat: VatModel): void {
    for (const happen of vat.waiting.splice(0)) happen();
  }

  /** The effect of a new platform epoch on all vats except these. */
  restartAll(mode: PlatformRestartMode, exempt: ReadonlySet<string>): void {
    this.epoch += 1;
    const news: (() => void)[] = [];
    this.#news = news;
    if (!exempt.has('driver')) {
      this.endIncarnation(this.driver, `platform epoch ${this.epoch}`);
    }
    for (const vat of this.vats.values()) if (!exempt.has(vat.name)) this.#restart(vat, mode);
    this.#news = undefined;
    for (const happen of news) happen();
    for (const vat of this.vats.values()) if (!vat.isDown) this.release(vat);
  }

  #restart(vat: VatModel, mode: PlatformRestartMode): void {
    const wasSuspended = vat.suspended;
    if (!wasSuspended) this.endIncarnation(vat, `platform epoch ${this.epoch}`);
    vat.suspended = true;
    if (vat.requested !== undefined) return;
    // Not what was paused only because it could not start.
    const paused = vat.pauseRequested !== undefined;
    if (mode !== 'eager') {
      vat.paused = paused;
      vat.broken = false;
    } else if (vat.canStart) {
      this.started(vat);
      vat.paused = paused;
    } else {
      vat.paused = true;
      vat.broken = true;
    }
  }

  /** All players have ended, and the driver has forgotten them and their things. */
  forgetAll(): void {
    this.things.clear();
    this.letters.forgetAll();
  }

  terminate(vat: VatModel): void {
    this.vats.delete(vat.name);
    this.gone.add(vat.name);
    for (const pledge of [...this.pledges.values()]) {
      if (pledge.decider === vat.name) this.settle(pledge, TERMINATED);
    }
    // Messages that waited are rejected, which their senders' operations find out by themselves.
    this.release(vat);
  }

  settle(pledge: Pledge, settlement: Settlement): void {
    if (pledge.settlement) return;
    pledge.settlement = settlement;
    for (const vat of [this.driver, ...this.vats.values()]) {
      if (!vat.pledges.has(pledge.name)) continue;
      const hear = () => this.#tell(vat, pledge.name, settlement);
      if (this.#news) this.#news.push(hear);
      else hear();
    }
    for (const name of pledge.pipelined) {
      const answer = this.pledges.get(name);
      if (answer) this.settle(answer, this.#answerTo(settlement));
    }
    this.pledges.delete(pledge.name);
  }

  #answerTo(settlement: Settlement): Settlement {
    if (settlement[0] === 'rejected') return settlement;
    const thing = settlement[2]?.thing;
    if (thing === undefined) throw Error('a message was sent to a value');
    return this.answerOf(thing);
  }

  #tell(vat: VatModel, name: string, settlement: Settlement): void {
    if (!vat.pledges.has(name)) return;
    if (vat.isDown) vat.waiting.push(() => this.#hear(vat, name, settlement));
    else this.#hear(vat, name, settlement);
  }

  /** The vat is notified. It may have forgotten the promise. */
  #hear(vat: VatModel, name: string, settlement: Settlement): void {
    if (!vat.pledges.has(name)) return;
    this.reach(vat);
    const note: Settlement =
      settlement[0] === 'fulfilled' ? ['fulfilled', settlement[1]] : settlement;
    vat.pledges.delete(name);
    if (vat.watched.delete(name)) vat.notes.set(name, note);
    if (vat.watchedDurably.delete(name)) vat.durableNotes.set(name, note);
    for (const pledge of [...this.pledges.values()]) {
      if (pledge.follows === name && pledge.decider === vat.name) this.settle(pledge, settlement);
    }
  }
}
