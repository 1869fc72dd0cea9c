/**
 * GC actions owed to vats (`gcActions`, a set of `vNN type kref`) and vats that are due for a
 * bringOutYourDead (`reapQueue`). Source: SwingSet docs `garbage-collection.md`.
 *
 * Invariant: what is owed to a vat out of service is in a row of that vat; everything else is in
 * the kernel's row. Each drop rewrites the kernel's row. It stays short, because all of it is due
 * now, so a crank's writes do not grow with what sleeping vats are owed (issue 10,
 * Agoric/agoric-sdk #8402).
 */
import {
  compareIDs,
  parseObjectKRef,
  parseVatID,
  type ObjectKRef,
  type VatID,
} from '../types/ids.js';
import type { CrankBuffer } from './crank-buffer.js';
import type { GCActionType } from './events.js';
import { globalRows, vatRows } from './rows.js';
import { globalKeys } from './schema.js';

export interface GCAction {
  readonly vatID: VatID;
  readonly type: GCActionType;
  readonly kref: ObjectKRef;
}

interface ParsedActions {
  readonly row: string | undefined;
  readonly actions: readonly GCAction[];
  readonly vatIDs: readonly VatID[];
}

const formatAction = ({ vatID, type, kref }: GCAction): string => `${vatID} ${type} ${kref}`;
/** Parses a text that its codec has accepted. */
const parseAction = (text: string): GCAction => {
  const [vatID, type, kref] = text.split(' ');
  return { vatID: parseVatID(vatID), type: type as GCActionType, kref: parseObjectKRef(kref) };
};

export class GCQueues {
  readonly #kv: CrankBuffer;

  /** The kernel's row as last read, parsed. */
  #parsed: ParsedActions = { row: undefined, actions: [], vatIDs: [] };

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
  }

  /** The actions that are due: those of vats in service. */
  actions(): readonly GCAction[] {
    return this.#parse().actions;
  }

  /** The vats with actions that are due, in numeric order. */
  vatIDs(): readonly VatID[] {
    return this.#parse().vatIDs;
  }

  /** The actions that are due, and those set aside for the given vats, sorted. */
  actionTexts(vatIDs: readonly VatID[]): string[] {
    const aside = vatIDs.flatMap(vatID => vatRows.gcActions.read(this.#kv, vatID) ?? []);
    return [...this.#due(), ...aside].sort();
  }

  addActions(actions: Iterable<GCAction>): void {
    const due: string[] = [];
    const aside = new Map<VatID, string[]>();
    for (const action of actions) {
      const { vatID } = action;
      if (!vatRows.service.exists(this.#kv, vatID)) due.push(formatAction(action));
      else aside.set(vatID, [...(aside.get(vatID) ?? []), formatAction(action)]);
    }
    if (due.length > 0) this.#setDue([...this.#due(), ...due]);
    for (const [vatID, texts] of aside) this.#addAside(vatID, texts);
  }

  /** Removes actions that are due. */
  removeActions(actions: Iterable<GCAction>): void {
    const gone = new Set([...actions].map(formatAction));
    if (gone.size > 0) this.#setDue(this.#due().filter(text => !gone.has(text)));
  }

  /** Moves what is owed to a vat that goes out of service to its own row. */
  putAside(vatID: VatID): void {
    if (!this.vatIDs().includes(vatID)) return;
    const texts = this.#due();
    const isOfVat = (text: string) => text.startsWith(`${vatID} `);
    this.#setDue(texts.filter(text => !isOfVat(text)));
    this.#addAside(vatID, texts.filter(isOfVat));
  }

  /** Makes what is owed to a vat due again, when it returns to service. */
  takeBack(vatID: VatID): void {
    const texts = vatRows.gcActions.read(this.#kv, vatID);
    if (!texts) return;
    vatRows.gcActions.delete(this.#kv, vatID);
    this.#setDue([...this.#due(), ...texts]);
  }

  /** Deletes what is owed to a vat that is gone. */
  forgetActions(vatID: VatID): void {
    this.removeActions(this.actions().filter(action => action.vatID === vatID));
    if (vatRows.gcActions.exists(this.#kv, vatID)) vatRows.gcActions.delete(this.#kv, vatID);
  }

  reapQueue(): VatID[] {
    return globalRows.reapQueue.read(this.#kv) ?? [];
  }

  scheduleReap(vatID: VatID): void {
    const queue = this.reapQueue();
    if (!queue.includes(vatID)) globalRows.reapQueue.write(this.#kv, [...queue, vatID]);
  }

  unscheduleReap(vatID: VatID): void {
    const queue = this.reapQueue();
    if (queue.includes(vatID)) {
      globalRows.reapQueue.write(
        this.#kv,
        queue.filter(candidate => candidate !== vatID),
      );
    }
  }

  #parse(): ParsedActions {
    const row = this.#kv.get(globalKeys.gcActions);
    if (row !== this.#parsed.row) {
      const actions = this.#due().map(parseAction);
      const vatIDs = [...new Set(actions.map(({ vatID }) => vatID))].sort(compareIDs);
      this.#parsed = { row, actions, vatIDs };
    }
    return this.#parsed;
  }

  #due(): readonly string[] {
    return globalRows.gcActions.read(this.#kv) ?? [];
  }

  #setDue(texts: readonly string[]): void {
    globalRows.gcActions.write(this.#kv, [...new Set(texts)].sort());
  }

  #addAside(vatID: VatID, texts: readonly string[]): void {
    const before = vatRows.gcActions.read(this.#kv, vatID) ?? [];
    vatRows.gcActions.write(this.#kv, [...new Set([...before, ...texts])].sort(), vatID);
  }
}
