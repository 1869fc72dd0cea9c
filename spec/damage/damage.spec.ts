/** Quick shares of `npm run damage:pages`, `damage:files` and `damage:rows` (README.md). */
import { expect } from 'chai';
import { runPart, withField, type Part } from './support/parts.js';

describe('a damaged store', () => {
  it('is refused or found out, or comes to the same', async () => {
    const counts: Readonly<Record<Part, number>> = { pages: 8, files: 4, rows: 2 };
    await withField('local', async field => {
      for (const [part, count] of Object.entries(counts)) {
        const tallies = await runPart(part as Part, { seed: 18, count }, field);
        expect(tallies.flatMap(({ wrong }) => wrong)).to.deep.equal([]);
        for (const { scene, counts: verdicts } of tallies) {
          const judged = Object.values(verdicts).reduce((sum, each) => sum + each, 0);
          expect(judged, `${part} ${scene}`).to.equal(count);
        }
      }
    });
  });
});
