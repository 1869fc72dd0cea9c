/** What `run` and `start` tell the kernel alike. */
import type { SwingsetRuntimeOptions } from '../controller/option-types.js';
import type { SlogFile } from '../telemetry/slog-file.js';
import type { RunArgs } from './args.js';
import type { RestartOptions } from './restart-args.js';
import { showRestart } from './restart-progress.js';

export const makeRuntimeOptions = (
  {
    strict,
    platform,
    epoch,
    platformEpochKindChange,
  }: Pick<RunArgs, 'strict' | 'platform' | 'epoch' | 'platformEpochKindChange'>,
  restart: RestartOptions,
  slog: SlogFile | undefined,
  progress: Parameters<typeof showRestart>[0],
): SwingsetRuntimeOptions => ({
  strict,
  ...platform,
  ...(epoch !== undefined && {
    platformEpoch: epoch,
    platformEpochKindChange,
    platformRestart: { ...restart.options, onRestartProgress: showRestart(progress) },
  }),
  ...(slog && { slogSender: slog.slogSender }),
});
