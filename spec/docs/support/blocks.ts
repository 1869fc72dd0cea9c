/** The fenced blocks of the documentation. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Relative to the root. */
const pages: readonly string[] = [
  'README.md',
  ...readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`)
    .sort(),
];

export interface FencedBlock {
  /** `docs/chain.md: Publish something (2)`: page, heading, and which block below the heading. */
  readonly id: string;
  readonly page: string;
  /** Of the first line of its text, from 1 on. */
  readonly line: number;
  /** Empty where the fence names none. */
  readonly language: string;
  /** Without the indentation of the fence. */
  readonly text: string;
}

interface OpenBlock extends Omit<FencedBlock, 'text'> {
  readonly indent: string;
  readonly fence: string;
  readonly lines: string[];
}

const FENCE = /^([ >]*)(`{3,}|~{3,}) *(\S*)/;

/** @throws if a block has no end */
export const blocksIn = (page: string, text: string): readonly FencedBlock[] => {
  const blocks: FencedBlock[] = [];
  const counts = new Map<string, number>();
  let heading = '';
  let open: OpenBlock | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', fence, language = ''] = FENCE.exec(line) ?? [];
    if (open) {
      const isEnd = language === '' && fence?.startsWith(open.fence) === true;
      if (!isEnd) {
        open.lines.push(line.slice(open.indent.length));
        continue;
      }
      const { id, page: of, line: first, language: named, lines } = open;
      blocks.push({ id, page: of, line: first, language: named, text: lines.join('\n') });
      open = undefined;
    } else if (fence !== undefined) {
      const place = `${page}: ${heading}`;
      const count = (counts.get(place) ?? 0) + 1;
      counts.set(place, count);
      const id = count === 1 ? place : `${place} (${count})`;
      open = { id, page, line: index + 2, language, indent, fence, lines: [] };
    } else {
      heading = /^#+ +(.*?) *$/.exec(line)?.[1] ?? heading;
    }
  }
  if (open) throw Error(`${page}:${open.line - 1}: a fenced block without an end`);
  return blocks;
};

/** Those of README.md and of all pages in docs, in order. */
export const fencedBlocks: readonly FencedBlock[] = pages.flatMap(page =>
  blocksIn(page, readFileSync(`${root}${page}`, 'utf8')),
);

export const blockOf = (id: string): FencedBlock => {
  const block = fencedBlocks.find(each => each.id === id);
  if (!block) throw Error(`no fenced block ${id}`);
  return block;
};
