/**
 * The sum of the hashes of rows: equal for equal rows, whatever their order and history. It shows
 * damage, as a flipped bit on a disk. It is no defence against those who choose what to write.
 *
 * A change of one character of a row always changes its hash, because each step is a bijection.
 */
import { sha256Hex } from './hash.js';

const mix = (hash: number): number => {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
};

/** Damage can turn a text into a number or bytes, so the type counts as well. */
const textOf = (column: unknown): string => {
  if (typeof column === 'string') return column;
  if (column === null) return '\0null';
  if (Buffer.isBuffer(column)) return `\0bytes ${sha256Hex(column)}`;
  return `\0${typeof column} ${JSON.stringify(column)}`;
};

const SEPARATOR = 1;

/** Odd, so that multiplying is a bijection. */
const LOW_FACTOR = 0x9e3779b1;
const HIGH_FACTOR = 0x5f356495;

/** A sum that rows are added to and taken from. */
export class RowSum {
  #rows = 0;

  #low = 0;

  #high = 0;

  /** @param text - of `toString`; undefined for no rows */
  static from(text?: string): RowSum {
    const sum = new RowSum();
    const [, rows, low, high] = /^(\d+) ([0-9a-f]{8})([0-9a-f]{8})$/.exec(text ?? '') ?? [];
    sum.#rows = Number(rows ?? 0);
    sum.#low = Number.parseInt(low ?? '0', 16);
    sum.#high = Number.parseInt(high ?? '0', 16);
    return sum;
  }

  copy(): RowSum {
    const sum = new RowSum();
    sum.#rows = this.#rows;
    sum.#low = this.#low;
    sum.#high = this.#high;
    return sum;
  }

  add(table: string, columns: readonly unknown[]): void {
    this.#change(1, table, columns);
  }

  remove(table: string, columns: readonly unknown[]): void {
    this.#change(-1, table, columns);
  }

  /** How many rows, and 16 hexadecimal digits. */
  toString(): string {
    const hex = (part: number) => part.toString(16).padStart(8, '0');
    return `${this.#rows} ${hex(this.#low)}${hex(this.#high)}`;
  }

  /** Two hashes of 32 bits. This runs for each row that is written. */
  #change(sign: 1 | -1, table: string, columns: readonly unknown[]): void {
    let low = 0xdeadbeef;
    let high = 0x41c6ce57;
    for (let column = -1; column < columns.length; column += 1) {
      const text = column < 0 ? table : textOf(columns[column]);
      for (let index = 0; index < text.length; index += 1) {
        const unit = text.charCodeAt(index);
        low = Math.imul(low ^ unit, LOW_FACTOR);
        high = Math.imul(high ^ unit, HIGH_FACTOR);
      }
      low = Math.imul(low ^ SEPARATOR, LOW_FACTOR);
      high = Math.imul(high ^ SEPARATOR, HIGH_FACTOR);
    }
    this.#rows += sign;
    this.#low = (this.#low + sign * mix(low)) >>> 0;
    this.#high = (this.#high + sign * mix(high)) >>> 0;
  }
}
