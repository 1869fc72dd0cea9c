import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseCommandLine } from '../../lib/cli/args.js';
import type { StoreArgs } from '../../lib/cli/store-args.js';
import { runStoreCommand } from '../../lib/cli/store-commands.js';
import type { StoreIO } from '../../lib/cli/store-commands.js';
import { InterruptedError, listenForInterruption } from '../../lib/cli/store-interruption.js';
import { makeProgress } from '../../lib/cli/store-progress.js';
import { UsageError } from '../../lib/cli/usage-error.js';
import { isSwingStore } from '../../lib/store/directory.js';
import { getStoreStats } from '../../lib/store/stats.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { failureOf } from '../support/failure.js';

const bin = fileURLToPath(new URL('../../bin/swingset-kernel.js', import.meta.url));

describe('the store commands', () => {
  let dir: string;
  let home: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'store-cli-'));
    home = join(dir, 'home');
    const { kernelStorage, hostStorage } = initSwingStore(home);
    const { kvStore, transcriptStore } = kernelStorage;
    for (let key = 0; key < 500; key += 1) kvStore.set(`key ${key}`, 'x'.repeat(100));
    kvStore.set('v1.vs.a', '1');
    transcriptStore.initTranscript('v1');
    for (let span = 0; span < 3; span += 1) {
      transcriptStore.addItem('v1', `"item of ${span}"`);
      if (span < 2) transcriptStore.rolloverSpan('v1');
    }
    await hostStorage.commit();
    await hostStorage.close();
  });

  after(() => rm(dir, { recursive: true, force: true }));

  const run = async (line: string, interrupt?: AbortSignal) => {
    const seen: string[] = [];
    const printed: string[] = [];
    let ok = true;
    const io: StoreIO = {
      print: text => void printed.push(text),
      fail: () => (ok = false),
      progress: { update: text => void seen.push(text), end: () => void seen.push('end') },
      interruption: () => interrupt ?? new AbortController().signal,
    };
    await runStoreCommand(parseCommandLine(line.split(' ')) as StoreArgs, io);
    return { ok, text: printed.join('\n'), seen };
  };
  const json = async (line: string) => JSON.parse((await run(`${line} --json`)).text) as unknown;

  it('are read from the command line', () => {
    const parse = (line: string) => parseCommandLine(line.split(' '));
    expect(parse('store repair --home h --from e')).to.deep.equal({
      command: 'store repair',
      home: 'h',
      json: false,
      from: 'e',
    });
    expect(parse('store compact --home h --keep-spans current --budget 10 --json')).to.deep.equal({
      command: 'store compact',
      home: 'h',
      json: true,
      policy: { keepSpans: 'current', budget: 10 },
    });
    expect(parse('store export to --home h')).to.include({ to: 'to', mode: 'operational' });
    expect(parse('store import from --home h --mode debug')).to.include({
      from: 'from',
      mode: 'debug',
    });
    for (const [line, message] of [
      ['store export --home h', /^missing required argument 'to'$/],
      ['store export to --home h --mode all', /'--mode <mode>' argument 'all' .* operational, /],
      ['store compact --home h --budget 0', /'--budget <n>' argument '0' .* whole number from 1 /],
      ['store compact --home h --keep-spans some', /argument 'some' .* current, incarnation, all/],
      ['store verify --home h --from e', /^unknown option '--from'/],
      ['store verify', /^required option '--home <dir>' not specified$/],
    ] as const) {
      expect(() => parse(line), line).to.throw(UsageError, message);
    }
  });

  it('verify, and say what they look at', async () => {
    const { ok, text, seen } = await run(`store verify --home ${home}`);
    expect(ok).to.equal(true);
    expect(text).to.equal(
      '3 transcript spans, 0 snapshots, 0 bundles, 0 platform images checked: all well',
    );
    expect(seen).to.include('checking transcript.v1.0.1').and.to.include('end');
    expect(await json(`store verify --home ${home}`)).to.deep.include({ ok: true, problems: [] });
  });

  it('copy, export, import and compact', async () => {
    const [copy, exported, imported] = ['copy', 'export', 'import'].map(name => join(dir, name));
    expect((await run(`store copy ${copy} --home ${home}`)).text).to.match(/^copied the store/);
    expect(await json(`store export ${exported} --home ${home} --mode archival`)).to.include({
      mode: 'archival',
      entries: 504,
      artifacts: 3,
    });
    expect((await run(`store import ${exported} --home ${imported}`)).text).to.match(
      /^imported into .*, mode archival: 504 entries, 3 artifacts, \d+ B$/,
    );
    expect(await json(`store stats --home ${imported}`)).to.deep.nested.include({
      'vats.v1.kv': { count: 1, bytes: 8 },
      'vats.v1.currentItems': { count: 1, bytes: 11 },
      'vats.v1.oldItems': { count: 2, bytes: 22 },
    });
    const { text } = await run(`store compact --home ${imported} --keep-spans current`);
    expect(text).to.match(/^deleted the items of 2 transcript spans and 0 snapshots; .* now$/);
    expect(await json(`store stats --home ${imported}`)).to.deep.nested.include({
      'vats.v1.oldItems': { count: 0, bytes: 0 },
    });
    expect((await run(`store verify --home ${imported}`)).ok).to.equal(true);
    expect((await run(`store repair --home ${imported}`)).text).to.equal('nothing is damaged');
  });

  it('stop when they are told to, and leave nothing', async () => {
    const target = join(dir, 'stopped', 'target');
    mkdirSync(join(dir, 'stopped'));
    const stopped = AbortSignal.abort(new InterruptedError('SIGINT'));
    for (const line of [`store copy ${target}`, `store export ${target}`]) {
      const error = await failureOf(run(`${line} --home ${home}`, stopped));
      expect(error, line).to.be.instanceOf(InterruptedError);
    }
    expect(readdirSync(join(dir, 'stopped'))).to.deep.equal([]);
  });

  /** Large enough to be caught at work on. */
  const makeBigStore = async (): Promise<string> => {
    const big = join(dir, 'big');
    if (existsSync(big)) return big;
    const { kernelStorage, hostStorage } = initSwingStore(big);
    for (let key = 0; key < 50_000; key += 1) {
      kernelStorage.kvStore.set(`v1.vs.${key}`, randomBytes(400).toString('hex'));
    }
    await hostStorage.commit();
    await hostStorage.close();
    return big;
  };

  it('are stopped by Ctrl-C in the midst of their work', async () => {
    const [big, target] = [await makeBigStore(), join(dir, 'interrupted', 'target')];
    mkdirSync(join(dir, 'interrupted'));
    const child = spawn(process.execPath, [bin, 'store', 'export', target, '--home', big]);
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    const begun = watch(join(dir, 'interrupted'));
    begun.once('change', () => child.kill('SIGINT'));
    const [code] = (await once(child, 'close')) as [number | null];
    begun.close();
    expect(Buffer.concat(errors).toString()).to.equal(
      'swingset-kernel: stopped by SIGINT; nothing was left half done\n',
    );
    expect(code).to.equal(1);
    expect(existsSync(target)).to.equal(false);
    expect(readdirSync(join(dir, 'interrupted'))).to.deep.equal([]);
  });

  it('do no harm when they are killed in the midst of their work', async () => {
    const big = await makeBigStore();
    const exported = join(dir, 'killed-export', 'target');
    for (const [name, ...args] of [
      ['copy', join(dir, 'killed-copy', 'target'), '--home', big],
      ['export', exported, '--home', big],
      ['import', exported, '--home', join(dir, 'killed-import', 'target')],
    ] as const) {
      const place = join(dir, `killed-${name}`);
      const target = join(place, 'target');
      mkdirSync(place);
      const child = spawn(process.execPath, [bin, 'store', name, ...args], { stdio: 'ignore' });
      const begun = watch(place);
      begun.once('change', () => child.kill('SIGKILL'));
      const [, signal] = (await once(child, 'close')) as [number | null, string | null];
      begun.close();
      expect(signal).to.equal('SIGKILL');
      // Nobody takes what there is for a store or an export.
      expect(isSwingStore(target), name).to.equal(false);
      expect(existsSync(join(target, 'export-manifest.json')), name).to.equal(false);
      // And it is in nobody's way.
      const { ok } = await run(['store', name, ...args].join(' '));
      expect(ok, name).to.equal(true);
      if (name !== 'export') expect((await run(`store verify --home ${target}`)).ok).to.equal(true);
    }
    const stats = [
      big,
      join(dir, 'killed-copy', 'target'),
      join(dir, 'killed-import', 'target'),
    ].map(path => getStoreStats(path).vats);
    expect(stats[1]).to.deep.equal(stats[0]);
    expect(stats[2]).to.deep.equal(stats[0]);
  });
});

describe('an interruption', () => {
  it('aborts at the first signal, and leaves the second to the process', () => {
    // SIGHUP too: else a connection that breaks leaves the copy of a rehearsal behind.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      const source = new EventEmitter();
      const signal = listenForInterruption(source);
      expect(signal.aborted).to.equal(false);
      source.emit(name, name);
      expect(signal.reason).to.be.instanceOf(InterruptedError);
      expect(source.eventNames()).to.deep.equal([]);
    }
  });
});

describe('progress', () => {
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    let time = 0;
    let due: { readonly at: number; readonly run: () => void } | undefined;
    const sink = { isTTY, columns: 12, write: (text: string) => void written.push(text) };
    const progress = makeProgress(sink, {
      now: () => time,
      after: (ms, run) => {
        due = { at: time + ms, run };
        return () => (due = undefined);
      },
    });
    return {
      written,
      progress,
      waitUntil: (at: number) => {
        if (!due || due.at > at) return;
        time = due.at;
        due.run();
        due = undefined;
      },
      updateAt: (at: number, text: string) => {
        time = at;
        progress.update(text);
      },
    };
  };

  it('is one line of a terminal, not too often, and gone at the end', () => {
    const { written, progress, updateAt } = record(true);
    updateAt(50, 'too early');
    updateAt(100, 'one');
    updateAt(150, 'too soon');
    updateAt(250, 'a line too long');
    progress.end();
    progress.end();
    expect(written.map(text => text.replace('\r\u001b[K', '<'))).to.deep.equal([
      '<one',
      '<a line too ',
      '<',
    ]);
  });

  it('fits wide characters into the line, and takes a width of 0 for an unknown one', () => {
    const shownAt = (columns: number | undefined, text: string): string => {
      let shown = '';
      const sink = { isTTY: true, columns, write: (given: string) => (shown = given) };
      makeProgress(sink, { now: () => 0, after: (_ms, run) => (run(), () => undefined) }).update(
        text,
      );
      return shown.replace('\r\u001b[K', '');
    };
    expect(shownAt(12, 'vat 日本語のバット')).to.equal('vat 日本語');
    expect(shownAt(9, 'vat 👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧')).to.equal('vat 👩‍👩‍👧👩‍👩‍👧');
    for (const columns of [0, undefined]) {
      expect(shownAt(columns, 'x'.repeat(200))).to.equal('x'.repeat(79));
    }
  });

  it('ends with what came last, should that take long', () => {
    const { written, progress, updateAt, waitUntil } = record(true);
    updateAt(100, 'one');
    updateAt(110, 'two');
    updateAt(120, 'three');
    waitUntil(199);
    expect(written).to.deep.equal(['\r\u001b[Kone']);
    waitUntil(200);
    updateAt(210, 'four');
    progress.end();
    waitUntil(900);
    expect(written).to.deep.equal(['\r\u001b[Kone', '\r\u001b[Kthree', '\r\u001b[K']);
  });

  it('is a line of a log now and then', () => {
    const { written, progress, updateAt } = record(false);
    updateAt(4_999, 'too early');
    updateAt(5_000, 'a line as long as it is');
    updateAt(9_000, 'too soon');
    progress.end();
    expect(written).to.deep.equal(['a line as long as it is\n']);
  });
});
