/**
 * `RECORD_SCENARIOS=1 npx mocha spec/scenarios/scenarios.spec.ts` records the final states of the
 * scenarios. A commit that changes `hashes.json` changes consensus, and says why.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import recorded from './hashes.json' with { type: 'json' };
import { hashLife, scenarios, type ScenarioHashes } from './scenarios.js';

const isRecording = process.env['RECORD_SCENARIOS'] === '1';
const expected: Readonly<Record<string, ScenarioHashes>> = recorded;

describe('recorded scenarios, on local workers', () => {
  const found: Record<string, ScenarioHashes> = {};

  for (const [title, play] of Object.entries(scenarios)) {
    it(`come to the recorded state: ${title}`, async () => {
      const hashes = hashLife(await play('local'));
      found[title] = hashes;
      if (!isRecording) expect(hashes).to.deep.equal(expected[title]);
    });
  }

  after(() => {
    if (!isRecording) return;
    const path = fileURLToPath(new URL('hashes.json', import.meta.url));
    writeFileSync(path, `${JSON.stringify(found, undefined, 2)}\n`);
  });
});
