import { spawn as nodeSpawn, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { PassThrough } from 'node:stream';

/** The file descriptor that xsnap writes snapshots to. */
const SNAPSHOT_FD = 7;

/** Starts workers. Those for which `isMute` is true can't write snapshots. */
export const makeMuteSpawn = (isMute: (args: readonly string[]) => boolean): typeof nodeSpawn =>
  ((command: string, args: string[], options: { stdio: unknown[] }) => {
    if (!isMute(args)) return nodeSpawn(command, args, options as SpawnOptions);
    const readOnly = openSync('/dev/null', 'r');
    const stdio = options.stdio.map((each, fd) => (fd === SNAPSHOT_FD ? readOnly : each));
    const child = nodeSpawn(command, args, { ...options, stdio } as SpawnOptions);
    const nothing = new PassThrough();
    child.once('close', () => closeSync(readOnly));
    child.once('exit', () => nothing.end());
    (child.stdio as unknown[])[SNAPSHOT_FD] = nothing;
    return child;
  }) as typeof nodeSpawn;
