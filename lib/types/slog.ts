/** An entry of the structured log. Never part of consensus. The writer adds times. */
export interface SlogEntry {
  readonly type: string;
  readonly [field: string]: unknown;
}
export type SlogSender = (entry: SlogEntry) => void;
