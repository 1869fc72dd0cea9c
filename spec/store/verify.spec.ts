import { expect } from 'chai';
import { NotASwingStoreError } from '../../lib/store/errors.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import type { StoreCheck } from '../../lib/store/verify-types.js';
import { useTempDirs } from './support/dirs.js';
import { runCrankScript, runVatScript, scriptBundleID } from './support/script.js';
import { failureOf } from '../support/failure.js';

describe('verifyStore', () => {
  const tempDir = useTempDirs();

  /** A store whose last commit was made with these changes behind its back. */
  const makeStore = async (sql = ''): Promise<string> => {
    const dirPath = tempDir();
    const store = initSwingStore(dirPath, { keepSnapshots: true });
    await runVatScript(store);
    runCrankScript(store);
    await store.hostStorage.commit();
    store.debug.getDatabase().exec(sql);
    await store.hostStorage.close();
    return dirPath;
  };
  const problemsAfter = async (sql: string): Promise<string[]> => {
    const { ok, problems } = await verifyStore(await makeStore(sql));
    expect(ok).to.equal(problems.length === 0);
    return problems.map(({ kind, thing, detail }) => `${kind}: ${thing}: ${detail}`);
  };
  const rowsDiffer = (problem: string | undefined) => problem?.startsWith('rows: rows: ') === true;

  it('finds nothing wrong in a good store, and counts what it checked', async () => {
    const things: string[] = [];
    const report = await verifyStore(await makeStore(), { onProgress: name => things.push(name) });
    expect(report).to.deep.equal({
      ok: true,
      problems: [],
      notes: [],
      checked: { spans: 15, snapshots: 7, bundles: 1, images: 0 },
    });
    expect(things).to.have.length(1 + 15 + 7 + 1);
    expect(things).to.include.members(['transcript.v10.5.6', 'snapshot.v1.2']);
  });

  it('names a damaged thing of each kind', async () => {
    const problems = await problemsAfter(`
      UPDATE transcriptItems SET item = 'x' WHERE vatID = 'v2' AND position = 1;
      DELETE FROM transcriptItems WHERE vatID = 'v10' AND position = 5;
      UPDATE snapshots SET compressedSnapshot = x'00' WHERE vatID = 'v10' AND snapPos = 4;
      UPDATE snapshots SET compressedSnapshot = NULL WHERE vatID = 'v2' AND snapPos = 4;
      UPDATE bundles SET bundle = '{}';
    `);
    expect(problems).to.have.length(6);
    expect(rowsDiffer(problems[5]), 'the bundle').to.equal(true);
    expect(problems[0]).to.match(/^transcript: transcript\.v10\.5\.6: .*items are missing/);
    expect(problems[1]).to.match(/^transcript: transcript\.v2\.0\.3: .*hash/);
    expect(problems[2]).to.match(/^snapshot: snapshot\.v10\.4: .*decompress/);
    expect(problems[3]).to.match(/^snapshot: snapshot\.v2\.4: .*missing/);
    expect(problems[4]).to.match(new RegExp(`^bundle: bundle\\.${scriptBundleID}: `));
  });

  it('finds spans that do not lie end to end', async () => {
    /** All but the checksum, which tells that a record differs. */
    const spanProblems = async (sql: string): Promise<string[]> => {
      const problems = await problemsAfter(sql);
      expect(problems.filter(rowsDiffer)).to.have.length(1);
      return problems.filter(problem => !rowsDiffer(problem));
    };
    expect(
      await spanProblems(`DELETE FROM transcriptSpans WHERE vatID = 'v3' AND startPos = 3`),
    ).to.deep.equal([
      'transcript: transcript of v3: span 0-3 is followed by one that starts at 4',
      'transcript: transcript of v3: its item 3 belongs to no span',
    ]);
    expect(
      await spanProblems(`
        UPDATE transcriptSpans SET isCurrent = NULL WHERE vatID = 'v3';
        UPDATE transcriptSpans SET isCurrent = 1 WHERE vatID = 'v3' AND startPos = 0;`),
    ).to.deep.equal(['transcript: transcript of v3: span 0-3 is current but not the last']);
    expect(
      await spanProblems(
        `UPDATE transcriptSpans SET incarnation = 7 WHERE vatID = 'v3' AND startPos = 0`,
      ),
    ).to.deep.equal(['transcript: transcript of v3: incarnation 0 follows 7']);
  });

  it('accepts what was pruned on purpose', async () => {
    expect(
      await problemsAfter(`
        DELETE FROM transcriptItems WHERE vatID = 'v2' AND position < 5;
        UPDATE snapshots SET compressedSnapshot = NULL WHERE inUse IS NULL;`),
    ).to.deep.equal([]);
  });

  it('runs the checks of those who know what keys mean', async () => {
    const check: StoreCheck = function* (view) {
      const keys = [...view.entries('a')].map(({ key, value }) => `${key}=${value}`);
      const spans = [...view.inventory.spans()].length;
      yield { kind: 'kernel', thing: keys.join(), detail: `${spans} ${view.get('outer')}` };
    };
    const { problems } = await verifyStore(await makeStore(), { checks: [check] });
    expect(problems).to.have.length(1);
    expect(problems[0]!.thing).to.match(/^a=1,activityhash=[0-9a-f]{64},after=4$/);
    expect(problems[0]!.detail).to.equal('15 1');
  });

  it('refuses what is not a store', async () => {
    const error = await failureOf(verifyStore(tempDir()));
    expect(error).to.be.instanceOf(NotASwingStoreError);
  });
});
