/** An entry of the structured log. Never part of consensus. The writer adds times. */
export interface SlogEntry {
  readonly type: string;
  readonly [field: string]: unknown;
}
export type SlogSender = (entry: SlogEntry) => void;

/** Where entries go at the moment. Undefined while nobody listens. */
export interface SlogOutlet {
  readonly sender: SlogSender | undefined;
}
