/** Finds the `cometbft` program. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { findBuiltEngine } from '../../../package-paths.js';
import { NoEngineError } from '../errors.js';

const PROGRAM = 'cometbft';

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

export interface EngineSearch {
  /** What the operator named. */
  readonly given: string | undefined;
  /** `PATH`. */
  readonly path: string;
}

/**
 * The path of the program: the one that was named, else the one on the `PATH`, else the one that
 * this repository has built for its specs.
 * @throws NoEngineError that says how to get one
 */
export const findEngine = ({ given, path }: EngineSearch): string => {
  if (given !== undefined) {
    if (isProgram(given)) return resolve(given);
    throw new NoEngineError(`--engine ${given}: there is no program at this path`);
  }
  const places = path.split(delimiter).filter(place => place !== '');
  const found = places.map(place => join(place, PROGRAM)).find(isProgram) ?? findBuiltEngine();
  if (found !== undefined) return found;
  throw new NoEngineError(
    'there is no cometbft on the PATH. Install CometBFT 0.38 (with Go: `CGO_ENABLED=0 go install ' +
      'github.com/cometbft/cometbft/cmd/cometbft@v0.38.25`), or name it with --engine <path>',
  );
};
