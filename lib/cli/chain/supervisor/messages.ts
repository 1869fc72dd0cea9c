/** What the application's process tells its supervisor. */

export type AppMessage =
  /** The engine may connect. */
  | { readonly type: 'listening' }
  | { readonly type: 'committed'; readonly height: number }
  /** The next block needs other software. */
  | { readonly type: 'upgrade-needed'; readonly message: string }
  /** The process ends, because of an error. `permanent`: it would meet the same one again. */
  | { readonly type: 'failed'; readonly message: string; readonly permanent: boolean };

const types: readonly AppMessage['type'][] = ['listening', 'committed', 'upgrade-needed', 'failed'];

export const isAppMessage = (value: unknown): value is AppMessage =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  (types as readonly unknown[]).includes(value.type);
