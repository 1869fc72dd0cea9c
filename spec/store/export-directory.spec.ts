import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import {
  appendFile,
  copyFile,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import {
  ExportDirectoryError,
  StoreImportError,
  StoreMissingError,
} from '../../lib/store/errors.js';
import { openExportDirectory } from '../../lib/store/export-directory.js';
import { writeExportDirectory } from '../../lib/store/export-writer.js';
import type { ExportProgress } from '../../lib/store/export-writer.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import { importExportDirectory } from '../../lib/store/import-store.js';
import { pruneStore } from '../../lib/store/prune.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { makeScriptedStore } from './support/made-stores.js';
import { runCrankScript, runVatScript } from './support/script.js';
import { failureOf } from '../support/failure.js';

describe('exports on disk', () => {
  const tempDir = useTempDirs();
  let source: string;

  before(async () => {
    source = tempDir();
    const store = initSwingStore(source, { keepSnapshots: true });
    await runVatScript(store);
    runCrankScript(store);
    // Separators that end no line here.
    store.kernelStorage.kvStore.set('separators', 'a\u2028b\r\nc\u0085d');
    store.kernelStorage.transcriptStore.addItem('v2', '"a\u2028b\u0085"');
    await store.hostStorage.commit();
    await store.hostStorage.close();
  });

  const write = async (
    to: string,
    artifactMode: 'operational' | 'archival' | 'debug' = 'archival',
    options: { signal?: AbortSignal; onProgress?: (progress: ExportProgress) => void } = {},
  ) => {
    const exporter = makeSwingStoreExporter(source, { artifactMode });
    try {
      return await writeExportDirectory(exporter, to, { artifactMode, ...options });
    } finally {
      await exporter.close();
    }
  };

  const contentsOf = async (dirPath: string) => {
    const { debug, hostStorage } = openSwingStore(dirPath, { mustExist: true });
    const { kvEntries, transcripts, bundles } = debug.dump();
    const height = hostStorage.kvStore.get('host.height');
    await hostStorage.close();
    const kv = Object.entries(kvEntries).filter(([key]) => !/^(host|local)\./.test(key));
    return { kv, transcripts, bundles, height };
  };

  it('carry a whole store, with the host’s height', async () => {
    const [exported, target] = [tempDir('export'), tempDir('target')];
    mkdirSync(dirname(exported), { recursive: true });
    const progress: ExportProgress[] = [];
    const written = await write(exported, 'archival', { onProgress: step => progress.push(step) });
    expect(progress.at(-1)).to.include({ count: written.artifacts, bytes: written.bytes });
    const files = readdirSync(exported);
    expect(files).to.include.members([
      'export-manifest.json',
      'export-data.jsonl',
      'snapshot.v2.4',
      'transcript.v2.0.3',
    ]);
    expect(files).to.have.length(written.artifacts + 2);
    const manifest = JSON.parse(await readFile(join(exported, 'export-manifest.json'), 'utf8')) as {
      artifacts: [string, string][];
    };
    expect(manifest).to.include({
      blockHeight: 7,
      artifactMode: 'archival',
      data: 'export-data.jsonl',
    });
    expect(manifest.artifacts).to.deep.include(['snapshot.v2.4', 'snapshot.v2.4']);

    const made = await importExportDirectory(await openExportDirectory(exported), target);
    expect(made).to.deep.equal({ artifactMode: 'archival', ...written });
    const [before, after] = [await contentsOf(source), await contentsOf(target)];
    // v1 has ended: an archival export leaves its transcript out.
    delete (before.transcripts as Record<string, unknown>)['v1'];
    expect(after).to.deep.equal(before);
    expect(after.height).to.equal('7');
    expect((await verifyStore(target)).problems).to.deep.equal([]);
    expect(readdirSync(target))
      .to.include('swingstore.sqlite')
      .and.not.include('swingstore.partial');
  });

  it('are read with the file names that the manifest gives, and without a mode', async () => {
    const [exported, target] = [tempDir('export'), tempDir('target')];
    mkdirSync(dirname(exported), { recursive: true });
    await write(exported, 'operational');
    const file = join(exported, 'export-manifest.json');
    const { artifacts } = JSON.parse(await readFile(file, 'utf8')) as {
      artifacts: [string, string][];
    };
    mkdirSync(join(exported, 'files'));
    for (const [index, [name]] of artifacts.entries()) {
      await rename(join(exported, name), join(exported, 'files', `${index}.bin`));
    }
    await rename(join(exported, 'export-data.jsonl'), join(exported, 'data'));
    const moved = artifacts.map(([name], index) => [name, `files/${index}.bin`]);
    await writeFile(file, JSON.stringify({ blockHeight: 12, data: 'data', artifacts: moved }));
    const made = await importExportDirectory(await openExportDirectory(exported), target);
    expect(made).to.include({ artifactMode: 'operational', artifacts: artifacts.length });
    expect((await contentsOf(target)).height).to.equal('12');
    expect((await verifyStore(target)).ok).to.equal(true);
  });

  it('may hold links to their own files', async () => {
    const [exported, target] = [tempDir('export'), tempDir('target')];
    mkdirSync(dirname(exported), { recursive: true });
    await write(exported);
    await rename(join(exported, 'snapshot.v2.4'), join(exported, 'elsewhere'));
    await symlink('elsewhere', join(exported, 'snapshot.v2.4'));
    await importExportDirectory(await openExportDirectory(exported), target);
    expect((await verifyStore(target)).ok).to.equal(true);
  });

  it('are complete or not there', async () => {
    const exported = tempDir('export');
    mkdirSync(dirname(exported), { recursive: true });
    const controller = new AbortController();
    const stopped = await failureOf(() =>
      write(exported, 'archival', {
        signal: controller.signal,
        onProgress: ({ count }) => count === 3 && controller.abort(new RangeError('enough')),
      }),
    );
    expect(stopped).to.be.instanceOf(RangeError);
    expect(readdirSync(dirname(exported))).to.deep.equal([]);

    const pruned = await makeScriptedStore(tempDir('pruned'));
    pruneStore(pruned, { keepSpans: 'current' });
    const exporter = makeSwingStoreExporter(pruned, { artifactMode: 'archival' });
    const lacking = await failureOf(() =>
      writeExportDirectory(exporter, exported, { artifactMode: 'archival' }),
    );
    await exporter.close();
    expect(lacking).to.be.instanceOf(StoreMissingError);
    expect(readdirSync(dirname(exported))).to.deep.equal([]);
  });

  it('replace nothing', async () => {
    const exported = tempDir('export');
    mkdirSync(exported, { recursive: true });
    writeFileSync(join(exported, 'diary.txt'), 'mine');
    expect(await failureOf(() => write(exported))).to.be.instanceOf(ExportDirectoryError);
    expect(readdirSync(exported)).to.deep.equal(['diary.txt']);
    await rm(join(exported, 'diary.txt'));
    await write(exported);
    expect(readdirSync(exported)).to.include('export-manifest.json');
  });

  it('leave the target as it was when the import fails or is stopped', async () => {
    const [exported, target] = [tempDir('export'), tempDir('target')];
    mkdirSync(dirname(exported), { recursive: true });
    await write(exported);
    const controller = new AbortController();
    const stopped = await failureOf(async () =>
      importExportDirectory(await openExportDirectory(exported), target, {
        signal: controller.signal,
        onProgress: ({ count }) => count === 4 && controller.abort(new RangeError('enough')),
      }),
    );
    expect(stopped).to.be.instanceOf(RangeError);
    expect(existsSync(target)).to.equal(false);

    // What an import that was killed leaves, and a spoilt artifact.
    mkdirSync(join(target, 'swingstore.partial'), { recursive: true });
    writeFileSync(join(target, 'swingstore.partial', 'swingstore.sqlite'), 'half');
    await appendFile(join(exported, 'transcript.v2.0.3'), '"more"\n');
    const spoilt = await failureOf(async () =>
      importExportDirectory(await openExportDirectory(exported), target),
    );
    expect(spoilt).to.be.instanceOf(StoreImportError);
    expect(readdirSync(target)).to.not.include('swingstore.sqlite');
    await rm(exported, { recursive: true });
    await write(exported);
    await importExportDirectory(await openExportDirectory(exported), target);
    expect((await verifyStore(target)).ok).to.equal(true);
  });

  const mistakes: readonly (readonly [string, (dirPath: string) => Promise<unknown>, RegExp])[] = [
    [
      'no manifest',
      dir => rm(join(dir, 'export-manifest.json')),
      /there is no file "export-manifest/,
    ],
    ['a manifest that is not JSON', dir => writeManifest(dir, '{'), /is not JSON/],
    [
      'no data',
      dir => writeManifest(dir, '{"artifacts":[]}'),
      /does not name a file of export data/,
    ],
    [
      'artifacts that are no pairs',
      dir => writeManifest(dir, '{"data":"x","artifacts":["a"]}'),
      /not pairs/,
    ],
    [
      'a file outside of it',
      dir => writeManifest(dir, '{"data":"x","artifacts":[["a","../../etc/passwd"]]}'),
      /"\.\.\/\.\.\/etc\/passwd", outside the directory/,
    ],
    [
      'a name that no file can have',
      dir => writeManifest(dir, '{"data":"a\\u0000b"}'),
      /export data: there is no file "a\\u0000b"/,
    ],
    [
      'a name that is too long for a file',
      dir => writeManifest(dir, JSON.stringify({ data: 'x'.repeat(300) })),
      /export data: there is no file "x/,
    ],
    ['no such file', dir => rm(join(dir, 'snapshot.v2.4')), /snapshot\.v2\.4: there is no file/],
    ['data cut off', dir => appendFile(join(dir, 'export-data.jsonl'), '["kv.a"'), /cut off/],
    [
      'data that is not text',
      dir => appendFile(join(dir, 'export-data.jsonl'), Buffer.of(0xff, 0x0a)),
      /export-data\.jsonl: it is not UTF-8/,
    ],
    ['a manifest that is no record', dir => writeManifest(dir, 'null'), /is not a record/],
    [
      'an artifact that is a link to a device',
      dir => replaceBy(dir, 'snapshot.v2.4', file => symlink('/dev/zero', file)),
      /snapshot\.v2\.4: "snapshot\.v2\.4" is a link to "\/dev\/zero", outside the directory/,
    ],
    [
      'a manifest that is a link to a device',
      dir => replaceBy(dir, 'export-manifest.json', file => symlink('/dev/zero', file)),
      /is a link to "\/dev\/zero", outside the directory/,
    ],
    [
      'data that come through a link from elsewhere',
      async dir => {
        await copyFile(join(dir, 'export-data.jsonl'), `${dir}.data`);
        await replaceBy(dir, 'export-data.jsonl', file => symlink(`${dir}.data`, file));
      },
      /export data: "export-data\.jsonl" is a link to .*, outside the directory/,
    ],
    [
      'a pipe',
      dir => replaceBy(dir, 'snapshot.v2.4', async file => execFileSync('mkfifo', [file])),
      /"snapshot\.v2\.4" is not a regular file/,
    ],
    [
      'a directory',
      dir => replaceBy(dir, 'snapshot.v2.4', file => mkdir(file)),
      /"snapshot\.v2\.4" is not a regular file/,
    ],
    [
      'an artifact twice',
      dir =>
        writeManifest(
          dir,
          '{"data":"export-data.jsonl","artifacts":[["snapshot.v2.4","a"],["snapshot.v2.4","b"]]}',
        ),
      /names artifact "snapshot\.v2\.4" twice/,
    ],
    ...['1e308', '-1', '7.5', '"7"', 'null', '9007199254740992'].map(
      height =>
        [
          `blockHeight ${height}`,
          (dir: string) =>
            writeManifest(
              dir,
              `{"blockHeight":${height},"data":"export-data.jsonl","artifacts":[]}`,
            ),
          /has blockHeight/,
        ] as const,
    ),
    [
      'an unknown mode',
      dir => writeManifest(dir, '{"artifactMode":"all","data":"export-data.jsonl","artifacts":[]}'),
      /has artifactMode "all"/,
    ],
    ['data that is no pair', dir => appendFile(join(dir, 'export-data.jsonl'), '7\n'), /line \d+/],
  ];
  const replaceBy = async (
    dirPath: string,
    name: string,
    make: (file: string) => Promise<unknown>,
  ): Promise<void> => {
    const file = join(dirPath, name);
    await rm(file);
    await make(file);
  };
  const writeManifest = (dirPath: string, text: string) =>
    writeFile(join(dirPath, 'export-manifest.json'), text);
  for (const [what, spoil, message] of mistakes) {
    it(`are refused with ${what}`, async () => {
      const [exported, target] = [tempDir('export'), tempDir('target')];
      mkdirSync(dirname(exported), { recursive: true });
      await write(exported);
      await spoil(exported);
      const error = await failureOf(async () =>
        importExportDirectory(await openExportDirectory(exported), target),
      );
      expect(error).to.be.instanceOf(ExportDirectoryError);
      expect((error as Error).message).to.match(message);
      expect(existsSync(target)).to.equal(false);
    });
  }
});
