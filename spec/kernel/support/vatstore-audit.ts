/**
 * Counts a vat's virtual data from scratch, row by row, and compares the counts with its records.
 * Written from liveslots' `vatstore-usage.md`, not from the code it checks.
 */
import type { KVStore } from '../../../lib/store/types.js';

export interface VatstoreAudit {
  /**
   * Rows of virtual objects, and of virtual or unknown collections made before
   * `firstNewCollection`.
   */
  readonly problems: readonly string[];
  readonly rows: ReadonlyMap<string, string>;
  /** Imports that virtual or durable data refers to, and those that are weak keys. */
  readonly referenced: ReadonlySet<string>;
  readonly recognized: ReadonlySet<string>;
}

export const readRows = (kvStore: KVStore, prefix: string): Map<string, string> => {
  const rows = new Map<string, string>();
  for (
    let key = kvStore.getNextKey(prefix);
    key?.startsWith(prefix);
    key = kvStore.getNextKey(key)
  ) {
    rows.set(key.slice(prefix.length), kvStore.get(key) ?? '');
  }
  return rows;
};

interface Slots {
  readonly slots: readonly string[];
}

const baseOf = (vref: string) => vref.split(':')[0] ?? vref;

export const auditVatstore = (kvStore: KVStore, vatID: string): VatstoreAudit => {
  const rows = readRows(kvStore, `${vatID}.vs.`);
  const counts = new Map<string, number>();
  const recognized = new Set<string>();
  const problems: string[] = [];
  const refer = (vref: string) => {
    if (!/^o(-|\+[dv])/.test(vref)) return;
    counts.set(baseOf(vref), (counts.get(baseOf(vref)) ?? 0) + 1);
  };
  const referAll = ({ slots }: Slots) => slots.forEach(refer);
  for (const name of ['baggageID', 'watcherTableID', 'watchedPromiseTableID']) {
    refer(rows.get(name) ?? '');
  }
  for (const [key, text] of rows) {
    const entry = /^vc\.([0-9]+)\.(.*)$/s.exec(key);
    if (/^vom\.o\+/.test(key)) {
      Object.values(JSON.parse(text) as Record<string, Slots>).forEach(referAll);
    } else if (/^vom\.dkind\.[0-9]+\.descriptor$/.test(key)) {
      const { stateShapeCapData } = JSON.parse(text) as { stateShapeCapData?: Slots };
      if (stateShapeCapData) referAll(stateShapeCapData);
    } else if (entry) {
      const [, id = '', name = ''] = entry;
      if (!rows.has(`vc.${id}.|schemata`)) problems.push(`${key} is of no collection`);
      if (name === '|schemata' || !name.startsWith('|')) {
        referAll(JSON.parse(text) as Slots);
      } else if (/^\|[od]/.test(name)) {
        const vref = name.slice(1);
        if (rows.has(`vc.${id}.|entryCount`)) refer(vref);
        else if (!rows.has(`vom.ir.${vref}|${id}`)) problems.push(`${key} is not recognized`);
        if (!rows.has(`vc.${id}.r${text.padStart(10, '0')}:${vref}`)) {
          problems.push(`${key} has no entry`);
        }
      }
    }
    const recognizer = /^vom\.ir\.(.*)\|([0-9]+)$/.exec(key);
    if (recognizer) {
      const [, vref = '', id = ''] = recognizer;
      recognized.add(vref);
      if (!rows.has(`vc.${id}.|${vref}`)) problems.push(`${key} is in no collection`);
    }
  }
  for (const [key, text] of rows) {
    const baseRef = /^vom\.rc\.(.*)$/.exec(key)?.[1];
    if (baseRef !== undefined && counts.get(baseRef) !== Number(text)) {
      problems.push(`${key} is ${text} and should be ${counts.get(baseRef) ?? 0}`);
    }
  }
  for (const [baseRef, count] of counts) {
    if (!rows.has(`vom.rc.${baseRef}`)) problems.push(`${baseRef} has no count of ${count}`);
  }
  const referenced = new Set([...counts.keys()].filter(vref => vref.startsWith('o-')));
  return { problems, rows, referenced, recognized };
};
