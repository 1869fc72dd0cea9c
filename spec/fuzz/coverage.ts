/** Tells whether code of `lib` ran that had not run before: V8's own block coverage. */
import { Session } from 'node:inspector/promises';

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

export interface Coverage {
  /** How many blocks ran for the first time since the last call. */
  news(): Promise<number>;
  /** Blocks that have run so far. */
  readonly blocks: number;
  end(): void;
}

const isOurs = ({ url }: Script): boolean => url.startsWith('file:') && url.includes('/lib/');

export const startCoverage = async (): Promise<Coverage> => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const seen = new Set<string>();
  return {
    news: async () => {
      const before = seen.size;
      const { result } = await session.post('Profiler.takePreciseCoverage');
      for (const script of result) {
        if (!isOurs(script)) continue;
        for (const { ranges } of script.functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count > 0) seen.add(`${script.url}:${startOffset}:${endOffset}`);
          }
        }
      }
      return seen.size - before;
    },
    get blocks() {
      return seen.size;
    },
    end: () => session.disconnect(),
  };
};
