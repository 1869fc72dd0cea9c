/** No fenced block of the documentation escapes the specs: each is in exactly one of their tables. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { blockOf, blocksIn, fencedBlocks, root } from './support/blocks.js';
import { dataBlocks } from './support/data-blocks.js';
import { snippets } from './support/snippets.js';
import { snippetRuns } from './stories/snippet-runs.js';
import { stories, storyLines } from './stories/stories.js';

const idsOf = (...languages: readonly string[]): readonly string[] =>
  fencedBlocks.filter(({ language }) => languages.includes(language)).map(({ id }) => id);

describe('the fenced blocks of the documentation', () => {
  it('are commands, snippets, or data that a spec knows', () => {
    expect(fencedBlocks.length).to.be.greaterThan(70);
    const known = ['sh', 'js', 'ts', 'json', 'yaml', 'text', ''];
    expect(fencedBlocks.filter(({ language }) => !known.includes(language))).to.deep.equal([]);
    expect(Object.keys(snippets)).to.have.members(idsOf('js', 'ts'));
    expect(Object.keys(dataBlocks)).to.have.members(idsOf('json', 'yaml', 'text', ''));
  });

  it('that are snippets are run, or a table says why not', () => {
    const run = Object.entries(snippets).flatMap(([id, { notRun }]) => (notRun ? [] : [id]));
    expect(Object.keys(snippetRuns)).to.have.members(run);
  });

  it('that are commands are run, or a table says why not, and the tables name no others', () => {
    const pages = new Set(fencedBlocks.map(({ page }) => page));
    for (const [page, { swaps = {}, steps = {}, unrun = {} }] of Object.entries(stories)) {
      expect(pages, page).to.include(page);
      const lines = storyLines(fencedBlocks, page);
      const names = lines.map(({ name }) => name);
      expect(names, page).to.include.members([...Object.keys(steps), ...Object.keys(unrun)]);
      expect(Object.keys(steps).filter(name => name in unrun)).to.deep.equal([]);
      const all = lines.map(({ text }) => text).join('\n');
      for (const placeholder of Object.keys(swaps)) expect(all, page).to.contain(placeholder);
    }
  });

  it('install the engine that the specs build', () => {
    const { text } = blockOf('docs/chain.md: Run a chain');
    const [, version = 'none'] = /@(v\S+)$/m.exec(text) ?? [];
    const module = readFileSync(`${root}spec/abci/go.mod`, 'utf8');
    expect(module).to.contain(`github.com/cometbft/cometbft ${version}\n`);
  });

  it('are found wherever a reader sees one', () => {
    const page = [
      ...['# One', '```sh', 'a', '```', '- two', '', '  ```js', '  b', '', '  c', '  ```'],
      ...['## Two', '````text', '```', '````', '> ~~~', '> d', '> ~~~'],
    ].join('\n');
    const found = blocksIn('p.md', page).map(({ id, line, language, text }) => [
      ...[id, line, language, text],
    ]);
    expect(found).to.deep.equal([
      ['p.md: One', 3, 'sh', 'a'],
      ['p.md: One (2)', 8, 'js', 'b\n\nc'],
      ['p.md: Two', 14, 'text', '```'],
      ['p.md: Two (2)', 17, '', 'd'],
    ]);
    expect(() => blocksIn('p.md', '```sh\na')).to.throw('p.md:1: a fenced block without an end');
  });
});
