import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { takeBundle } from '../../lib/bundling/bundle-cache.js';
import { SourceEditError, type SourceEdit } from '../../lib/bundling/source-edits.js';
import { failureOf } from '../support/failure.js';

const edit: SourceEdit = {
  piece: 'the answer',
  module: 'answer.js',
  from: `'old'`,
  to: `'new $1'`,
};

describe('source edits', () => {
  let dir: string;
  beforeEach(async () => {
    dir = `${await mkdtemp(join(tmpdir(), 'source-edits-'))}/`;
    await writeFile(join(dir, 'package.json'), '{"name":"edited","type":"module"}');
    await writeFile(join(dir, 'entry.js'), `export { answer } from './answer.js';\n`);
    await writeFile(join(dir, 'answer.js'), `export const answer = 'old';\n`);
  });
  afterEach(async () => rm(dir, { recursive: true }));

  const bundle = async (edits: readonly SourceEdit[]): Promise<string> => {
    const alias = { directory: dir, as: '/shown/' };
    const options = { format: 'nestedEvaluate', alias, edits } as const;
    const { source } = await takeBundle(join(dir, 'entry.js'), options);
    return source as string;
  };

  it('change a module on its way into the bundle', async () => {
    const source = await bundle([edit]);
    expect(source).to.include(`answer = 'new $1'`).and.not.include(`'old'`);
    expect(await bundle([])).to.include(`answer = 'old'`);
  });

  it('are made again when the module changes, and fail when it no longer fits', async () => {
    await bundle([edit]);
    await writeFile(join(dir, 'answer.js'), `export const answer = 'other';\n`);
    const failure = await failureOf(bundle([edit]));
    expect(failure).to.be.instanceOf(SourceEditError).that.includes({
      code: 'SOURCE_EDIT_MISMATCH',
      piece: 'the answer',
      module: 'answer.js',
      occurrences: 0,
    });
    expect(String(failure)).to.include('occurs 0 times instead of once');
  });

  it('fail when the text occurs twice, or the build reads no such module', async () => {
    await writeFile(join(dir, 'answer.js'), `export const answer = 'old' + 'old';\n`);
    expect(await failureOf(bundle([edit]))).to.include({ occurrences: 2 });
    const failure = await failureOf(bundle([{ ...edit, module: 'wer.js' }]));
    expect(failure).to.be.instanceOf(SourceEditError).that.includes({ occurrences: undefined });
    expect(String(failure)).to.include('the edit "the answer" does not fit wer.js');
  });

  it('leave the name of an aliased directory out of the bundle', async () => {
    const source = await bundle([]);
    expect(source).to.include('shown').and.not.include(dir.split('/').at(-2)!);
  });
});
