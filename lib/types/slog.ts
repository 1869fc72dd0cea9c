/** One event of the structured log. Never part of consensus; times are added by the writer. */
export interface SlogEntry {
  readonly type: string;
  readonly [field: string]: unknown;
}
export type SlogSender = (entry: SlogEntry) => void;
