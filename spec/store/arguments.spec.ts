import { createHash } from 'node:crypto';
import { ZipWriter } from '@endo/zip';
import { expect } from 'chai';
import {
  importSwingStore,
  initSwingStore,
  isSwingStore,
  makeArchiveSnapshot,
  makeArchiveTranscript,
  makeSwingStoreExporter,
  openSwingStore,
} from '../../lib/index.js';
import { quoteValue, SwingsetError } from '../../lib/errors.js';
import { BundleMismatchError } from '../../lib/store/errors.js';
import type { Bundle } from '../../lib/store/types.js';
import { useTempDirs } from './support/dirs.js';
import { oneChunk } from './support/script.js';
import { failureOf } from '../support/failure.js';

/** What no argument may be, whatever it is for. */
const NEVER: readonly unknown[] = [null, -1, 1.5, NaN, true, 10n, () => 1, Symbol('s')];
const notA = (...others: unknown[]): readonly unknown[] => [...NEVER, ...others];
const NO_TEXT = notA(undefined, 7, {}, []);
const NO_VAT_ID = notA(undefined, 7, {}, [], '', 'v1.x');
const NO_RECORD = notA(undefined, 7, 'x', []);

/** Generators look at their arguments when they are asked for something. */
const begin = async (result: unknown): Promise<void> => {
  if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
    await (result as AsyncGenerator).next();
  }
};

describe('arguments of the store’s methods (issue 10)', () => {
  const tempDir = useTempDirs();

  type Call = (arg: never) => unknown;
  type Case = readonly [what: string, call: Call, values: readonly unknown[]];

  const expectRefusals = async (cases: readonly Case[]): Promise<void> => {
    for (const [what, call, values] of cases) {
      for (const value of values) {
        const label = `${what} of ${quoteValue(value)}`;
        const failure = await failureOf(async () => begin(await call(value as never)), label);
        expect(failure, label).to.be.instanceOf(SwingsetError);
      }
    }
  };

  it('are refused by both facets with a typed error, and nothing is changed', async () => {
    const { kernelStorage, hostStorage, debug } = initSwingStore(null);
    const { kvStore, transcriptStore, snapStore, bundleStore, imageStore } = kernelStorage;
    transcriptStore.initTranscript('v1');
    transcriptStore.addItem('v1', 'item');
    await snapStore.saveSnapshot('v1', 1, oneChunk('heap'));
    const before = debug.dump();
    const b0 = `b0-${'0'.repeat(64)}`;
    const b1 = `b1-${'0'.repeat(128)}`;
    const bundle = { moduleFormat: 'nestedEvaluate' };
    await expectRefusals([
      ...(['has', 'get', 'getNextKey', 'delete'] as const).flatMap((method): Case[] => [
        [`kvStore.${method}`, key => kvStore[method](key), NO_TEXT],
        [`host kvStore.${method}`, key => hostStorage.kvStore[method](key), NO_TEXT],
      ]),
      ['kvStore.set', key => kvStore.set(key, 'value'), NO_TEXT],
      ['value of kvStore.set', value => kvStore.set('key', value), NO_TEXT],
      ['value of host kvStore.set', value => hostStorage.kvStore.set('host.key', value), NO_TEXT],
      ['initTranscript', x => transcriptStore.initTranscript(x), NO_VAT_ID],
      ['addItem', vatID => transcriptStore.addItem(vatID, 'item'), NO_VAT_ID],
      ['item of addItem', item => transcriptStore.addItem('v1', item), NO_TEXT],
      ['rolloverSpan', x => transcriptStore.rolloverSpan(x), NO_VAT_ID],
      ['rolloverIncarnation', x => transcriptStore.rolloverIncarnation(x), NO_VAT_ID],
      ['getCurrentSpanBounds', x => transcriptStore.getCurrentSpanBounds(x), NO_VAT_ID],
      ['readSpan', x => transcriptStore.readSpan(x), NO_VAT_ID],
      ['start of readSpan', start => transcriptStore.readSpan('v1', start), notA('0', {}, [])],
      ['stopUsingTranscript', x => transcriptStore.stopUsingTranscript(x), NO_VAT_ID],
      ['deleteVatTranscripts', x => transcriptStore.deleteVatTranscripts(x), NO_VAT_ID],
      [
        'budget of deleteVatTranscripts',
        budget => transcriptStore.deleteVatTranscripts('v1', budget),
        notA(0, '1', {}, []),
      ],
      ['saveSnapshot', id => snapStore.saveSnapshot(id, 1, oneChunk('x')), NO_VAT_ID],
      [
        'position of saveSnapshot',
        position => snapStore.saveSnapshot('v1', position, oneChunk('x')),
        notA(undefined, '1', {}, []),
      ],
      [
        'stream of saveSnapshot',
        stream => snapStore.saveSnapshot('v1', 1, stream),
        notA(undefined, 7, 'x', {}, [7], ['x']),
      ],
      ['loadSnapshot', x => snapStore.loadSnapshot(x), NO_VAT_ID],
      ['getSnapshotInfo', x => snapStore.getSnapshotInfo(x), NO_VAT_ID],
      ['hasHash', vatID => snapStore.hasHash(vatID, 'hash'), NO_VAT_ID],
      ['hash of hasHash', hash => snapStore.hasHash('v1', hash), NO_TEXT],
      ['stopUsingLastSnapshot', x => snapStore.stopUsingLastSnapshot(x), NO_VAT_ID],
      ['deleteVatSnapshots', x => snapStore.deleteVatSnapshots(x), NO_VAT_ID],
      [
        'budget of deleteVatSnapshots',
        budget => snapStore.deleteVatSnapshots('v1', budget),
        notA(0, '1', {}, []),
      ],
      ['hash of deleteSnapshotByHash', hash => snapStore.deleteSnapshotByHash('v1', hash), NO_TEXT],
      ['addBundle', bundleID => bundleStore.addBundle(bundleID, bundle), notA(7, {}, [], 'x')],
      ['bundle of addBundle', given => bundleStore.addBundle(b0, given), NO_RECORD],
      [
        'zip of addBundle',
        endoZipBase64 =>
          bundleStore.addBundle(b1, {
            moduleFormat: 'endoZipBase64',
            endoZipBase64Sha512: '0'.repeat(128),
            endoZipBase64,
          }),
        notA(undefined, 7, 'x', {}, []),
      ],
      ['hasBundle', x => bundleStore.hasBundle(x), NO_TEXT],
      ['getBundle', x => bundleStore.getBundle(x), NO_TEXT],
      ['deleteBundle', x => bundleStore.deleteBundle(x), NO_TEXT],
      ['has of images', x => imageStore.has(x), NO_TEXT],
      ['load of images', x => imageStore.load(x), NO_TEXT],
      ['save of images', x => imageStore.save(x), notA(undefined, 7, 'x', {}, [])],
      ['repairMetadata', x => hostStorage.repairMetadata(x), notA(undefined, 7, 'x', {}, [])],
    ]);
    kernelStorage.startCrank();
    await expectRefusals([
      ['establishCrankSavepoint', x => kernelStorage.establishCrankSavepoint(x), NO_TEXT],
      ['rollbackCrank', x => kernelStorage.rollbackCrank(x), NO_TEXT],
    ]);
    kernelStorage.endCrank();
    expect(debug.dump()).to.deep.equal(before);
    await hostStorage.close();
  });

  it('are refused by the functions that open, import and export', async () => {
    const dirPath = tempDir();
    const { hostStorage } = openSwingStore(dirPath);
    await hostStorage.commit();
    await hostStorage.close();
    const exporter = makeSwingStoreExporter(dirPath);
    const NO_PATH = notA(7, {}, [], '');
    const NO_BAG = notA(7, 'x', []).filter(value => value !== undefined);
    type Parts = Partial<Record<'data' | 'names' | 'artifact', unknown>>;
    const importing = ({ data = [], names = [], artifact }: Parts) =>
      importSwingStore({
        getExportData: () => data as [],
        getArtifactNames: () => names as [],
        getArtifact: () => artifact as [],
      });
    const oneBundle = { data: [['bundle.b0-aa', 'b0-aa']], names: ['bundle.b0-aa'] };
    await expectRefusals([
      ['initSwingStore', path => initSwingStore(path), NO_PATH.filter(path => path !== null)],
      ['options of initSwingStore', options => initSwingStore(null, options), NO_BAG],
      ['openSwingStore', path => openSwingStore(path), notA(undefined, ...NO_PATH)],
      ['options of openSwingStore', options => openSwingStore(dirPath, options), NO_BAG],
      ['isSwingStore', isSwingStore, notA(undefined, ...NO_PATH)],
      ['makeArchiveSnapshot', path => makeArchiveSnapshot(path), NO_PATH],
      ['makeArchiveTranscript', path => makeArchiveTranscript(path), NO_PATH],
      ['makeSwingStoreExporter', path => makeSwingStoreExporter(path), NO_PATH],
      ['options of an exporter', options => makeSwingStoreExporter(dirPath, options), NO_BAG],
      ['getArtifact', x => exporter.getArtifact(x), NO_TEXT],
      ['getHostKV', x => exporter.getHostKV(x), NO_TEXT],
      ['importSwingStore', given => importSwingStore(given), notA(undefined, 7, 'x', {}, [])],
      ['options of an import', options => importSwingStore(exporter, null, options), NO_BAG],
      ['export data', data => importing({ data }), notA(7, 'x', {}, [7], [[]], [['kv.a', 7]])],
      ['names', names => importing({ names }), notA(7, 'x', {}, [7], [null], [undefined])],
      ['an artifact', artifact => importing({ ...oneBundle, artifact }), notA(7, 'x', {})],
      ['a chunk', chunk => importing({ ...oneBundle, artifact: [chunk] }), notA(7, 'x', {}, [])],
    ]);
    await exporter.close();
  });

  it('are refused where a bundle’s compartment map has null parts', () => {
    const { bundleStore } = initSwingStore(null).kernelStorage;
    const location = { location: 'x.js', sha512: 'x' };
    for (const map of [
      null,
      [],
      'text',
      { compartments: [] },
      { compartments: 7 },
      { compartments: { a: null } },
      { compartments: { a: { modules: 'x' } } },
      { compartments: { a: { modules: { b: null } } } },
      { compartments: { a: { location: {}, modules: { b: location } } } },
      { compartments: { a: { modules: { b: { ...location, location: 7 } } } } },
    ]) {
      const bytes = Buffer.from(JSON.stringify(map));
      const zip = new ZipWriter();
      zip.write('compartment-map.json', bytes);
      const endoZipBase64Sha512 = createHash('sha512').update(bytes).digest('hex');
      const endoZipBase64 = Buffer.from(zip.snapshot()).toString('base64');
      const bundle: Bundle = {
        moduleFormat: 'endoZipBase64',
        endoZipBase64,
        endoZipBase64Sha512,
      };
      expect(() => bundleStore.addBundle(`b1-${endoZipBase64Sha512}`, bundle), JSON.stringify(map))
        .to.throw(BundleMismatchError)
        .that.includes({ code: 'BUNDLE_MISMATCH' });
    }
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    for (const part of [cyclic, 10n]) {
      expect(() =>
        bundleStore.addBundle(`b0-${'0'.repeat(64)}`, { moduleFormat: 'nestedEvaluate', part }),
      ).to.throw(BundleMismatchError, 'can not be written as JSON');
    }
    expect([...bundleStore.getBundleIDs()]).to.deep.equal([]);
  });
});
