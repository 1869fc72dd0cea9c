/** What a fuzzer tries, and what it holds against the answers. */

/** JSON data. Bytes are a text of the characters U+0000 to U+00FF. */
export type Input =
  null | boolean | number | string | readonly Input[] | { readonly [name: string]: Input };

export interface Target {
  readonly name: string;
  /** Completes "what gets the input: …". */
  readonly what: string;
  /** Texts that mean something to the target: mutations put them in. */
  readonly words?: readonly string[];
  /** What the texts in its inputs stand for. Default: texts. */
  readonly form?: 'bytes';
  /** Executions after which a session is replaced, because inputs wear it out. Default: never. */
  readonly lifetime?: number;
  start(): Promise<Session>;
}

export interface Session {
  /** Valid inputs, which mutations begin with. */
  readonly corpus: readonly Input[];
  /**
   * Tries an input.
   *
   * @returns `ACCEPTED`, or the stable code of the refusal
   * @throws anything else is a finding
   */
  attempt(input: Input): Promise<string>;
  end(): Promise<void>;
}

export const ACCEPTED = 'accepted';
