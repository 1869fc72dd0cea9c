import { existsSync } from 'node:fs';
import * as swingStore from '@agoric/swing-store';
import { expect } from 'chai';
import { BadOptionError } from '../../lib/errors.js';
import type { ArtifactMode } from '../../lib/store/artifact-mode.js';
import { isSwingStore } from '../../lib/store/directory.js';
import {
  NotASwingStoreError,
  StoreImportError,
  StoreMissingError,
  StoreUsageError,
} from '../../lib/store/errors.js';
import { makeSwingStoreExporter } from '../../lib/store/exporter.js';
import type { SwingStoreExporter } from '../../lib/store/exporter.js';
import { importSwingStore } from '../../lib/store/importer.js';
import type { ImportProgress, ImportSource } from '../../lib/store/import-steps.js';
import { initSwingStore, openSwingStore } from '../../lib/store/swing-store.js';
import { EMPTY_SPAN_HASH, extendSpanHash } from '../../lib/store/transcript-hash.js';
import { verifyStore } from '../../lib/store/verify.js';
import { useTempDirs } from './support/dirs.js';
import { importInto, makeScriptedStore } from './support/made-stores.js';
import { collect, oneChunk, runCrankScript, runVatScript } from './support/script.js';
import { failureOf } from '../support/failure.js';

interface AnyModule {
  readonly initSwingStore: typeof initSwingStore;
  readonly openSwingStore: typeof openSwingStore;
  readonly makeSwingStoreExporter: typeof makeSwingStoreExporter;
  readonly importSwingStore: typeof importSwingStore;
}

const modules: Record<'ours' | 'theirs', AnyModule> = {
  ours: { initSwingStore, openSwingStore, makeSwingStoreExporter, importSwingStore },
  theirs: swingStore,
};
/** What swing-store needs to read our file as it is; it ignores the option itself. */
const inTheirFormat = { snapshotCodec: 'gzip' } as const;
const MODES: ArtifactMode[] = ['operational', 'replay', 'archival', 'debug'];

interface Exported {
  readonly data: [string, string][];
  readonly artifacts: Record<string, string>;
}

const readExport = async (exporter: SwingStoreExporter): Promise<Exported> => {
  const data: [string, string][] = [];
  for await (const [key, value] of exporter.getExportData()) {
    data.push([key, value]);
  }
  const artifacts: Record<string, string> = {};
  for await (const name of exporter.getArtifactNames()) {
    artifacts[name] = (await collect(exporter.getArtifact(name))).toString('base64');
  }
  await exporter.close();
  return { data, artifacts };
};

describe('export and import', () => {
  const tempDir = useTempDirs();
  const sources = {} as Record<'ours' | 'theirs', string>;

  before(async () => {
    for (const maker of ['ours', 'theirs'] as const) {
      sources[maker] = tempDir(maker);
      const store = modules[maker].initSwingStore(sources[maker], {
        keepSnapshots: true,
        ...inTheirFormat,
      });
      await runVatScript(store);
      runCrankScript(store);
      await store.hostStorage.commit();
      await store.hostStorage.close();
    }
  });

  for (const mode of MODES) {
    it(`exports the same in mode ${mode} as swing-store, from either’s store`, async () => {
      const [reference, ...others] = await Promise.all(
        (['theirs', 'ours'] as const).flatMap(exporter =>
          (['theirs', 'ours'] as const).map(async maker =>
            readExport(
              modules[exporter].makeSwingStoreExporter(sources[maker], { artifactMode: mode }),
            ),
          ),
        ),
      );
      for (const other of others) {
        expect(other).to.deep.equal(reference);
      }
      expect(reference!.data).to.have.length.greaterThan(20);
    });
  }

  for (const [exporter, importer] of [
    ['ours', 'theirs'],
    ['theirs', 'ours'],
    ['ours', 'ours'],
  ] as const) {
    // swing-store itself can't import replay and archival exports of a store with an ended vat.
    const modes: ArtifactMode[] = importer === 'theirs' ? ['operational'] : MODES;
    for (const mode of modes) {
      it(`carries a store from ${exporter} to ${importer} in mode ${mode}`, async () => {
        const target = tempDir('target');
        const options = { artifactMode: mode };
        const { hostStorage } = await modules[importer].importSwingStore(
          modules[exporter].makeSwingStoreExporter(sources[exporter], options),
          target,
          { ...options, ...inTheirFormat },
        );
        hostStorage.kvStore.set('host.imported', 'yes');
        await hostStorage.commit();
        await hostStorage.close();

        const before = await readExport(makeSwingStoreExporter(sources[exporter], options));
        for (const reader of ['ours', 'theirs'] as const) {
          const copy = modules[reader].makeSwingStoreExporter(target, options);
          expect(copy.getHostKV('host.imported')).to.equal('yes');
          expect(copy.getHostKV('host.height')).to.equal(undefined);
          expect(await readExport(copy)).to.deep.equal(before);
        }
        expect(await verifyStore(target)).to.deep.include({ ok: true });

        // The kernel goes on with it.
        const { kernelStorage, hostStorage: host } = openSwingStore(target);
        expect([...kernelStorage.transcriptStore.readSpan('v2')]).to.deep.equal(['"load"']);
        const snapshot = await collect(kernelStorage.snapStore.loadSnapshot('v2'));
        expect(snapshot.toString()).to.equal('second snapshot of v2');
        await host.close();
      });
    }
  }

  it('carries a store with brotli snapshots to theirs, and makes the same export of it', async () => {
    const [source, target] = [tempDir('source'), tempDir('target')];
    await makeScriptedStore(source);
    const { hostStorage } = await modules.theirs.importSwingStore(
      makeSwingStoreExporter(source),
      target,
    );
    await hostStorage.commit();
    await hostStorage.close();
    const exported = await readExport(makeSwingStoreExporter(source));
    expect(Object.keys(exported.artifacts)).to.include('snapshot.v2.4');
    const theirs = modules.theirs.makeSwingStoreExporter(target);
    expect(await readExport(theirs)).to.deep.equal(exported);
  });

  for (const mode of ['replay', 'archival', 'debug'] as const) {
    it(`carries a store without ended vats from ours to theirs in mode ${mode}`, async () => {
      const [source, target] = [tempDir('source'), tempDir('target')];
      await makeScriptedStore(source, {
        more: ({ kernelStorage }) => {
          kernelStorage.transcriptStore.deleteVatTranscripts('v1');
          kernelStorage.snapStore.deleteVatSnapshots('v1');
        },
      });
      const options = { artifactMode: mode };
      const { hostStorage } = await modules.theirs.importSwingStore(
        makeSwingStoreExporter(source, options),
        target,
        options,
      );
      await hostStorage.commit();
      await hostStorage.close();
      expect(await readExport(makeSwingStoreExporter(target, options))).to.deep.equal(
        await readExport(makeSwingStoreExporter(source, options)),
      );
    });
  }

  it('opens each other’s directories and goes on with the same hashes', async () => {
    const dumps = [];
    for (const order of [
      ['theirs', 'ours', 'theirs'],
      ['ours', 'theirs', 'ours'],
    ] as const) {
      const dirPath = tempDir();
      const hashes = [];
      for (const [turn, name] of order.entries()) {
        const open = turn === 0 ? modules[name].initSwingStore : modules[name].openSwingStore;
        const { kernelStorage, hostStorage, debug } = open(dirPath, inTheirFormat);
        if (turn === 0) {
          await runVatScript({ kernelStorage, hostStorage });
        }
        hashes.push(runCrankScript({ kernelStorage, hostStorage }));
        kernelStorage.transcriptStore.addItem('v2', `turn ${turn}`);
        await kernelStorage.snapStore.saveSnapshot('v3', 10 + turn, oneChunk(`turn ${turn}`));
        expect([...kernelStorage.transcriptStore.readSpan('v2')]).to.have.length(turn + 2);
        await hostStorage.commit();
        if (turn === order.length - 1) {
          dumps.push({ hashes, ...debug.dump(), snapshots: undefined });
        }
        await hostStorage.close();
      }
    }
    expect(dumps[0]).to.deep.equal(dumps[1]);
  });

  it('gives an unchanging view while the store goes on', async () => {
    const dirPath = tempDir();
    const { kernelStorage, hostStorage } = initSwingStore(dirPath);
    kernelStorage.kvStore.set('a', '1');
    await hostStorage.commit();
    const exporter = makeSwingStoreExporter(dirPath);
    kernelStorage.kvStore.set('a', '2');
    await hostStorage.commit();
    expect((await readExport(exporter)).data).to.deep.equal([['kv.a', '1']]);
    await hostStorage.close();
  });

  it('refuses to export what was pruned, except for debugging', async () => {
    const dirPath = tempDir();
    const store = initSwingStore(dirPath, { keepTranscripts: false });
    await runVatScript(store);
    await store.hostStorage.commit();
    for (const mode of ['replay', 'archival'] as const) {
      const exporter = makeSwingStoreExporter(dirPath, { artifactMode: mode });
      expect(() => exporter.getArtifactNames()).to.throw(StoreMissingError, /transcript\.v/);
      await exporter.close();
    }
    for (const mode of ['operational', 'debug'] as const) {
      const exporter = makeSwingStoreExporter(dirPath, { artifactMode: mode });
      const { artifacts } = await readExport(exporter);
      expect(Object.keys(artifacts).filter(name => name.startsWith('transcript'))).to.deep.equal([
        'transcript.v10.5.6',
        'transcript.v2.5.6',
        'transcript.v3.4.5',
      ]);
    }
    await store.hostStorage.close();
  });

  it('names artifacts that are not there', async () => {
    const exporter = makeSwingStoreExporter(sources.ours);
    const read = (name: string) => failureOf(async () => collect(exporter.getArtifact(name)));
    for (const name of [
      'transcript.v9.0.3',
      'transcript.v2.0.4',
      'snapshot.v2.99',
      'bundle.b0-9',
    ]) {
      expect(await read(name))
        .to.be.instanceOf(StoreMissingError)
        .with.property('thing', name);
    }
    expect(await read('transcript.v2.0')).to.be.instanceOf(StoreUsageError);
    expect(await read('other')).to.be.instanceOf(StoreUsageError);
    expect(() => exporter.getHostKV('a')).to.throw(StoreUsageError);
    await exporter.close();
    expect(() =>
      makeSwingStoreExporter(sources.ours, { artifactMode: 'some' as ArtifactMode }),
    ).to.throw(BadOptionError, /artifactMode/);
    const nowhere = tempDir();
    expect(() => makeSwingStoreExporter(nowhere)).to.throw(NotASwingStoreError, nowhere);
    expect(existsSync(nowhere)).to.equal(false);
  });

  describe('refuse an export that', () => {
    type Data = [string, string | null];
    const importing = async (change: {
      data?: (data: Data[]) => Data[];
      names?: (names: string[]) => string[];
      artifact?: (name: string, bytes: Buffer) => Uint8Array;
    }) => {
      const options = { artifactMode: 'archival' } as const;
      const exporter = makeSwingStoreExporter(sources.ours, options);
      const { data, artifacts } = await readExport(exporter);
      const source: ImportSource = {
        getExportData: () => change.data?.(data) ?? data,
        getArtifactNames: () => change.names?.(Object.keys(artifacts)) ?? Object.keys(artifacts),
        getArtifact: name => {
          const bytes = Buffer.from(artifacts[name] ?? '', 'base64');
          return [change.artifact?.(name, bytes) ?? bytes];
        },
      };
      const dirPath = tempDir();
      return { dirPath, run: () => importSwingStore(source, dirPath, options) };
    };
    const expectRefusal = async (
      change: Parameters<typeof importing>[0],
      message: RegExp,
    ): Promise<void> => {
      const { dirPath, run } = await importing(change);
      const error = await failureOf(run);
      expect(isSwingStore(dirPath)).to.equal(false);
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message).to.match(message);
      expect((error as { code?: string }).code).to.match(/STORE_IMPORT|BUNDLE_MISMATCH/);
    };

    it('is changed in an artifact of any kind', async () => {
      for (const kind of ['bundle', 'snapshot', 'transcript']) {
        const flip = (name: string, bytes: Buffer): Uint8Array => {
          const copy = Buffer.from(bytes);
          if (name.startsWith(kind)) {
            copy[3]! ^= 1;
          }
          return copy;
        };
        await expectRefusal({ artifact: flip }, new RegExp(kind));
      }
      await expectRefusal({ artifact: (_, bytes) => bytes.subarray(0, -1) }, /snapshot/);
      const cut = (name: string, bytes: Buffer): Uint8Array =>
        name === 'transcript.v2.0.3' ? bytes.subarray(0, -1) : bytes;
      await expectRefusal({ artifact: cut }, /transcript\.v2\.0\.3: it is cut off: its last line/);
      const longer = (name: string, bytes: Buffer): Uint8Array =>
        name === 'transcript.v2.0.3' ? Buffer.concat([bytes, Buffer.from('x\n')]) : bytes;
      await expectRefusal({ artifact: longer }, /transcript\.v2\.0\.3: it has more/);
    });

    it('offers an artifact twice, or under a second name', async () => {
      const twice = (all: string[]) => [...all, 'snapshot.v2.4'];
      await expectRefusal({ names: twice }, /artifact snapshot\.v2\.4: .*twice/);
      for (const other of ['snapshot.v2.04', 'transcript.v2.00.3', 'transcript.v2.0.3.0']) {
        const names = (all: string[]) => [...all, other];
        await expectRefusal({ names }, new RegExp(`"${other}" is not an artifact name`));
      }
    });

    it('has a bundle without end', async () => {
      const exporter = makeSwingStoreExporter(sources.ours, { artifactMode: 'archival' });
      const { data, artifacts } = await readExport(exporter);
      function* endless(): IterableIterator<Uint8Array> {
        for (;;) yield Buffer.alloc(2 ** 24);
      }
      const source: ImportSource = {
        getExportData: () => data,
        getArtifactNames: () => Object.keys(artifacts).filter(name => name.startsWith('bundle')),
        getArtifact: endless,
      };
      const error = await failureOf(async () => importSwingStore(source, tempDir()));
      expect(error).to.be.instanceOf(StoreImportError);
      expect((error as Error).message).to.match(/bundle\..*longer than 268435456 bytes/);
    });

    it('lacks an artifact, or has one without a record', async () => {
      for (const lost of ['snapshot.v2.4', 'transcript.v10.0.3', 'bundle.']) {
        const names = (all: string[]) => all.filter(name => !name.startsWith(lost));
        await expectRefusal({ names }, new RegExp(`${lost.replaceAll('.', '\\.')}.*needs it`));
      }
      const names = (all: string[]) => [...all, 'transcript.v77.0.3'];
      await expectRefusal({ names }, /transcript\.v77\.0\.3.*no record/);
    });

    it('has spans that overlap', async () => {
      const hash = extendSpanHash(EMPTY_SPAN_HASH, '"other"');
      const span = { vatID: 'v2', startPos: 1, endPos: 2, hash, isCurrent: 0, incarnation: 0 };
      await expectRefusal(
        {
          data: data => [...data, ['transcript.v2.1', JSON.stringify(span)]],
          names: names => [...names, 'transcript.v2.1.2'],
          artifact: (name, bytes) =>
            name === 'transcript.v2.1.2' ? Buffer.from('"other"\n') : bytes,
        },
        /transcript\.v2\.1\.2: its item 1 belongs to another span/,
      );
    });

    it('has malformed entries', async () => {
      const add =
        (...entry: Data) =>
        (data: Data[]): Data[] => [...data, entry];
      await expectRefusal({ data: add('other.a', 'b') }, /unknown type "other"/);
      await expectRefusal({ data: add('kv.host.a', 'b') }, /host\./);
      await expectRefusal({ data: add('bundle.b0-1', 'b0-2') }, /bundle\.b0-1/);
      await expectRefusal({ data: add('snapshot.v7.1', '{}') }, /snapshot\.v7\.1/);
      await expectRefusal({ data: add('snapshot.v7.current', 'snapshot.v7.1') }, /v7/);
      await expectRefusal({ data: add('transcript.v7.current', 'nonsense') }, /v7/);
      const current = (data: Data[]): Data[] =>
        data.map(([key, value]) => [
          key,
          key === 'transcript.v2.current' ? value!.replace('"startPos":5', '"startPos":6') : value,
        ]);
      await expectRefusal({ data: current }, /transcript\.v2\.5\.6/);
    });

    it('takes it when nothing is wrong', async () => {
      for (const change of [{}, { data: (data: Data[]) => [...data].reverse() }]) {
        const { dirPath, run } = await importing(change);
        await run();
        expect(isSwingStore(dirPath)).to.equal(true);
      }
    });
  });

  it('leaves an existing store as it was when an import fails or is not committed', async () => {
    const dirPath = tempDir();
    const store = initSwingStore(dirPath);
    store.kernelStorage.kvStore.set('old', '1');
    await store.hostStorage.commit();
    await store.hostStorage.close();
    const readOld = async (): Promise<string | undefined> => {
      const { kernelStorage, hostStorage } = openSwingStore(dirPath);
      const value = kernelStorage.kvStore.get('old');
      await hostStorage.close();
      return value;
    };
    const source: ImportSource = {
      getExportData: () => [['snapshot.v1.current', 'x']],
      getArtifactNames: () => [],
      getArtifact: () => [],
    };
    expect(await failureOf(async () => importSwingStore(source, dirPath))).to.be.instanceOf(
      StoreImportError,
    );
    expect(await readOld()).to.equal('1');
    const fromOurs = () => makeSwingStoreExporter(sources.ours);
    const imported = await importSwingStore(fromOurs(), dirPath);
    await imported.hostStorage.close();
    expect(await readOld()).to.equal('1');
    await importInto(dirPath, fromOurs());
    expect(await readOld()).to.equal(undefined);
  });

  it('tells of its progress and stops when told to', async () => {
    const progress: ImportProgress[] = [];
    const { hostStorage } = await importSwingStore(makeSwingStoreExporter(sources.ours), null, {
      onProgress: step => progress.push(step),
    });
    await hostStorage.close();
    expect(progress[0]).to.include({ phase: 'data', bytes: 0 });
    expect(progress.at(-1)).to.include({ phase: 'artifacts', count: progress.length - 1 });

    const controller = new AbortController();
    const dirPath = tempDir();
    const error = await failureOf(async () =>
      importSwingStore(makeSwingStoreExporter(sources.ours), dirPath, {
        signal: controller.signal,
        onProgress: () => controller.abort(new RangeError('enough')),
      }),
    );
    expect(error).to.be.instanceOf(RangeError);
    expect(isSwingStore(dirPath)).to.equal(false);
  });

  it('repairs a store that lacks records of old spans and snapshots', async () => {
    const dirPath = tempDir();
    await importInto(dirPath, makeSwingStoreExporter(sources.ours));
    const { hostStorage: host, debug } = openSwingStore(dirPath);
    const db = debug.getDatabase();
    db.exec('DELETE FROM transcriptSpans WHERE isCurrent IS NULL');
    db.exec('DELETE FROM snapshots WHERE inUse IS NULL');
    await host.repairMetadata(makeSwingStoreExporter(sources.theirs));
    await host.commit();
    const wrong = initSwingStore(null);
    await runVatScript(wrong);
    wrong.kernelStorage.transcriptStore.addItem('v2', 'differs');
    expect(
      await failureOf(async () =>
        wrong.hostStorage.repairMetadata(makeSwingStoreExporter(sources.ours)),
      ),
    ).to.be.instanceOf(StoreImportError);
    const [repaired, original] = await Promise.all(
      [dirPath, sources.ours].map(async path => readExport(makeSwingStoreExporter(path))),
    );
    expect(repaired).to.deep.equal(original);
    await host.close();
  });
});
