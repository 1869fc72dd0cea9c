/** `inspect`: serves the inspector's page until a signal. */
import { once } from 'node:events';
import { startInspector } from '../inspector/start-inspector.js';
import type { InspectArgs } from './inspect-args.js';
import type { RunIO } from './run.js';

export const inspectCommand = async (
  { home, port, slog, allowActions, json }: InspectArgs,
  { print, interruption }: Pick<RunIO, 'print' | 'interruption'>,
): Promise<void> => {
  const stop = interruption();
  const inspector = await startInspector({
    home,
    port,
    allowActions,
    ...(slog !== undefined && { slog }),
  });
  print(json ? JSON.stringify({ url: inspector.url }) : `open ${inspector.url}`);
  if (!stop.aborted) await once(stop, 'abort');
  await inspector.close();
};
