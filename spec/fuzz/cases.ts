/** Regression cases: inputs with which a fuzzer once found something, one file each. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Input } from './target.js';

const FIXTURES = join(import.meta.dirname, 'fixtures');

interface Case {
  /** What was wrong. */
  readonly found: string;
  readonly input: Input;
}

export const readCase = (path: string): Input =>
  (JSON.parse(readFileSync(path, 'utf8')) as Case).input;

export const readCases = (target: string): readonly Input[] => {
  const folder = join(FIXTURES, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => readCase(join(folder, name)));
};

/** Keeps an input as a regression case. Returns the file. */
export const keepCase = (target: string, found: string, input: Input): string => {
  const folder = join(FIXTURES, target);
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify(input);
  const path = join(folder, `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`);
  writeFileSync(path, `${JSON.stringify({ found: found.slice(0, 300), input } satisfies Case)}\n`);
  return path;
};
