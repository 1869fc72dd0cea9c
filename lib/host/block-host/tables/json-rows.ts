/** Rows of JSON: single ones, and all those that begin with a prefix. */
import { DamagedRowError } from '../../../errors.js';
import { keysWithPrefix, type RowReader, type Rows } from '../rows.js';

const parse = <T>(key: string, text: string): T => {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new DamagedRowError(key, text, 'JSON');
  }
};

/** One row. */
export class JsonRow<T> {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  read(rows: RowReader): T | undefined {
    const text = rows.get(this.#key);
    return text === undefined ? undefined : parse<T>(this.#key, text);
  }

  /** @throws DamagedRowError when the row is missing */
  require(rows: RowReader): T {
    const value = this.read(rows);
    if (value === undefined) throw new DamagedRowError(this.#key, undefined, 'JSON');
    return value;
  }

  write(rows: Rows, value: T): void {
    rows.set(this.#key, JSON.stringify(value));
  }

  delete(rows: Rows): void {
    rows.delete(this.#key);
  }
}

/** Rows by name. */
export class JsonTable<T> {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  keyOf(name: string): string {
    return this.#prefix + name;
  }

  read(rows: RowReader, name: string): T | undefined {
    const key = this.keyOf(name);
    const text = rows.get(key);
    return text === undefined ? undefined : parse<T>(key, text);
  }

  write(rows: Rows, name: string, value: T): void {
    rows.set(this.keyOf(name), JSON.stringify(value));
  }

  delete(rows: Rows, name: string): void {
    rows.delete(this.keyOf(name));
  }

  *names(rows: RowReader, begin = ''): Generator<string, void> {
    for (const key of keysWithPrefix(rows, this.#prefix + begin)) {
      yield key.slice(this.#prefix.length);
    }
  }

  *entries(rows: RowReader, begin = ''): Generator<readonly [name: string, value: T], void> {
    for (const name of this.names(rows, begin)) {
      const value = this.read(rows, name);
      if (value !== undefined) yield [name, value];
    }
  }
}
