/**
 * GC actions owed to vats (`gcActions`, a set of `vNN type kref`) and vats whose
 * bringOutYourDead is due (`reapQueue`). Source: SwingSet docs `garbage-collection.md`.
 */
import { KernelStateError } from '../errors.js';
import {
  compareIDs,
  parseObjectKRef,
  parseVatID,
  type ObjectKRef,
  type VatID,
} from '../types/ids.js';
import type { CrankBuffer } from './crank-buffer.js';
import type { GCActionType } from './events.js';
import { globalRows } from './rows.js';
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

const types: readonly string[] = ['dropExport', 'retireExport', 'retireImport'];

const formatAction = ({ vatID, type, kref }: GCAction): string => `${vatID} ${type} ${kref}`;
const parseAction = (text: string): GCAction => {
  const [vatID, type, kref] = text.split(' ');
  if (type === undefined || !types.includes(type)) {
    throw new KernelStateError(`malformed GC action: ${text}`);
  }
  return { vatID: parseVatID(vatID), type: type as GCActionType, kref: parseObjectKRef(kref) };
};

export class GCQueues {
  readonly #kv: CrankBuffer;

  /** What a row said when it was last read: what a suspended vat is owed stays, crank after crank. */
  #parsed: ParsedActions = { row: undefined, actions: [], vatIDs: [] };

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
  }

  actions(): readonly GCAction[] {
    return this.#parse().actions;
  }

  /** The vats that something is owed to, by number. */
  vatIDs(): readonly VatID[] {
    return this.#parse().vatIDs;
  }

  actionTexts(): string[] {
    return globalRows.gcActions.read(this.#kv) ?? [];
  }

  addActions(actions: Iterable<GCAction>): void {
    const added = [...actions].map(formatAction);
    if (added.length > 0) this.#setActions([...this.actionTexts(), ...added]);
  }

  removeActions(actions: Iterable<GCAction>): void {
    const gone = new Set([...actions].map(formatAction));
    if (gone.size > 0) this.#setActions(this.actionTexts().filter(text => !gone.has(text)));
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
      const actions = this.actionTexts().map(parseAction);
      const vatIDs = [...new Set(actions.map(({ vatID }) => vatID))].sort(compareIDs);
      this.#parsed = { row, actions, vatIDs };
    }
    return this.#parsed;
  }

  #setActions(texts: readonly string[]): void {
    globalRows.gcActions.write(this.#kv, [...new Set(texts)].sort());
  }
}
