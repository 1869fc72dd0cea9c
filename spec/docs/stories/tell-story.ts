/** Runs the commands of a page, line by line. */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { parseCommandLine } from '../../../lib/cli/args.js';
import { fencedBlocks } from '../support/blocks.js';
import type { Place } from './place.js';
import { stories, storyLines, swapIn, type Line, type Story, type Unrun } from './stories.js';
import { programArgs } from './terminals.js';

export const storyPages: readonly string[] = [
  ...new Set(fencedBlocks.filter(({ language }) => language === 'sh').map(({ page }) => page)),
];

const hasCurl = (): boolean => spawnSync('curl', ['--version']).error === undefined;

/** The parser takes the line if it is one of this package's program. */
const parseLine = async (
  text: string,
  { parses }: Unrun,
  story: Story,
  place: Place,
): Promise<void> => {
  const line = await swapIn(parses?.(text) ?? text, story, place);
  const args = programArgs(line);
  if (args) expect(() => parseCommandLine(args), line).not.to.throw();
  else if (parses) expect.fail(`no command line of this package: ${line}`);
};

const runLine = async ({ text, name, block }: Line, story: Story, place: Place): Promise<void> => {
  const unrun = story.unrun?.[name];
  if (unrun) return parseLine(text, unrun, story, place);
  const where = `${block.page}: ${text}`;
  if (text.startsWith('curl ') && !hasCurl()) {
    console.log(`      not run, because there is no curl here: ${where}`);
    return;
  }
  const { before, instead, after, code = 0, shows = [] } = story.steps?.[name] ?? {};
  await before?.(place);
  const line = instead?.(text) ?? text;
  const outcome = await place.terminal.run(await swapIn(line, story, place));
  expect(outcome.code, `${where}\n${outcome.text}`).to.equal(code);
  for (const pattern of shows) expect(outcome.text, where).to.match(pattern);
  await after?.(place, outcome);
};

/** Whatever still serves at the end must end well. */
export const tellStory = async (
  page: string,
  place: Place,
  story: Story = stories[page] ?? {},
): Promise<void> => {
  for (const line of storyLines(fencedBlocks, page)) await runLine(line, story, place);
  for (const { code, text } of await place.terminal.end()) expect(code, text).to.equal(0);
};
