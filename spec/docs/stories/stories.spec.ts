/**
 * Runs the commands and the programs that the documentation shows, page by page, as a reader would,
 * and compares its data with what it claims (issue 17). Commands of this package run in this process;
 * `stories.slow.ts` runs them as processes.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import { blockOf } from '../support/blocks.js';
import { dataBlocks } from '../support/data-blocks.js';
import { programs } from '../support/snippets.js';
import { makeOriginal, type Place } from './place.js';
import { runSnippet, snippetRuns } from './snippet-runs.js';
import { storyPages, tellStory } from './tell-story.js';
import { openTerminalHere, type Terminal } from './terminals.js';

describe('the documentation', () => {
  const cwd = process.cwd();
  let original: string;
  let base: string;

  before('make a swingset', async () => {
    base = mkdtempSync(join(tmpdir(), 'documentation-'));
    original = await makeOriginal();
  });

  after(() => {
    for (const directory of [original, base]) {
      if (directory) rmSync(directory, { recursive: true });
    }
  });

  let terminal: Terminal | undefined;

  afterEach('leave the place', async () => {
    process.chdir(cwd);
    await terminal?.end();
  });

  const enter = async (): Promise<Place> => {
    const directory = mkdtempSync(join(base, 'place-'));
    cpSync(original, directory, { recursive: true, verbatimSymlinks: true });
    process.chdir(directory);
    terminal = openTerminalHere(directory);
    return { directory, terminal, port: String(await freePort()), kpid: '' };
  };

  for (const page of storyPages) {
    it(`has commands in ${page} that do what it says`, async () => tellStory(page, await enter()));
  }

  for (const [index, program] of programs.entries()) {
    const { id } = program.block;
    const run = snippetRuns[id];
    if (!run) continue;
    it(`has a program in ${id} that works`, async () => {
      const place = await enter();
      await run.before?.(place);
      const { exports, printed } = await runSnippet(program, index);
      await run.after(place, exports, printed);
    });
  }

  for (const [id, check] of Object.entries(dataBlocks)) {
    it(`has data in ${id} that is right`, () => check(blockOf(id).text));
  }
});
