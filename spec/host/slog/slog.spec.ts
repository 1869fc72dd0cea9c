/** Slog files: summary, timeline and diff, and what is wrong with a bad one. */
import { appendFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readSlog, SlogFormatError, SlogReadError } from '../../../lib/host/slog/read-slog.js';
import type { SlogDiff } from '../../../lib/host/slog/slog-diff.js';
import type { SlogSummary } from '../../../lib/host/slog/slog-summary.js';
import type { TimelineEvent } from '../../../lib/host/slog/slog-timeline.js';
import { makeSlogFile } from '../../../lib/telemetry/slog-file.js';
import { failureOf } from '../../support/failure.js';
import { makeTempDir } from '../../support/swingset.js';
import { runCommand, runOnTerminal } from '../../cli/support.js';

type Entry = Readonly<Record<string, unknown>>;

const delivery = (crankNum: number, vatID: string, compute: number, seconds: number): Entry[] => [
  { type: 'crank-start', crankType: 'delivery', crankNum, messageType: 'send' },
  {
    type: 'deliver',
    crankNum,
    vatID,
    deliveryNum: 1,
    dispatch: 'message',
    kd: ['message', 'ko20'],
  },
  { type: 'syscall', crankNum, vatID, syscallNum: 0, syscall: 'send' },
  {
    ...{ type: 'deliver-result', crankNum, vatID, deliveryNum: 1, dispatch: 'message', seconds },
    dr: ['ok', null, { compute }],
  },
  { type: 'crank-finish', crankNum, crankType: 'delivery', messageType: 'send', seconds },
];

const entries: readonly Entry[] = [
  { type: 'create-vat', vatID: 'v1', name: 'bank', dynamic: false, managerType: 'xsnap' },
  { type: 'epoch-restart-start', epoch: 'summer', from: 'spring', mode: 'eager', vats: 2 },
  {
    type: 'epoch-restart-vat',
    epoch: 'summer',
    vatID: 'v1',
    name: 'bank',
    result: 'restarted',
    ms: 7,
  },
  {
    ...{ type: 'epoch-restart-vat', epoch: 'summer', vatID: 'v2', name: 'shop', ms: 5 },
    ...{ result: 'suspended', error: 'no till' },
  },
  { type: 'epoch-restart-finish', epoch: 'summer', vats: 2 },
  { type: 'cosmic-swingset-begin-block', blockHeight: 8 },
  ...delivery(3, 'v1', 500, 0.25),
  ...delivery(4, 'v1', 700, 0.5),
  ...delivery(5, 'v2', 100, 0.1),
  { type: 'console', vatID: 'v1', level: 'log', args: ['hello'] },
  { type: 'start-replay', vatID: 'v2', deliveries: 30 },
  { type: 'finish-replay', vatID: 'v2', seconds: 1 },
  { type: 'heap-snapshot-save', vatID: 'v1', hash: 'abc' },
  { type: 'terminate', vatID: 'v2', shouldReject: true, info: { body: '#"enough"', slots: [] } },
];

const jsonLines = (list: readonly Entry[], start: number): string =>
  list.map((entry, index) => `${JSON.stringify({ ...entry, time: start + index })}\n`).join('');

const write = (list: readonly Entry[], start = 1_700_000_000, name = 'slog.jsonl'): string => {
  const file = join(makeTempDir(), name);
  writeFileSync(file, jsonLines(list, start));
  return file;
};

const json = async <T>(...args: readonly string[]): Promise<T> =>
  JSON.parse((await runCommand(...args, '--json')).text) as T;

describe('slog', () => {
  it('summary counts cranks, deliveries, restarts and times', async () => {
    const file = write(entries);
    const summary = await json<SlogSummary>('slog', 'summary', file);
    expect(summary).to.deep.include({
      files: [file],
      entries: entries.length,
      firstTime: 1_700_000_000,
      lastTime: 1_700_000_000 + entries.length - 1,
      blocks: 1,
      cranks: { send: 3 },
      crankSeconds: 0.85,
      restarts: [
        {
          ...{ epoch: 'summer', mode: 'eager', results: { restarted: 1, suspended: 1 } },
          ...{ failed: 1, ms: 12, finished: true },
        },
      ],
    });
    expect(summary.vats).to.deep.equal([
      {
        ...{ vatID: 'v1', name: 'bank', deliveries: 2, byType: { message: 2 }, failed: 0 },
        ...{ computrons: 1200, syscalls: 2, seconds: 0.75, longest: 0.5, snapshots: 1 },
        ...{ replays: 0, replayedEntries: 0, replaySeconds: 0 },
      },
      {
        ...{ vatID: 'v2', name: 'shop', deliveries: 1, byType: { message: 1 }, failed: 0 },
        ...{ computrons: 100, syscalls: 1, seconds: 0.1, longest: 0.1, snapshots: 0 },
        ...{ replays: 1, replayedEntries: 30, replaySeconds: 1 },
      },
    ]);
    const { text } = await runCommand('slog', 'summary', file);
    expect(text).to.match(/^3 cranks in 0\.850 s: 3 send$/m);
    expect(text).to.contain(
      'restart for epoch summer (eager): 1 restarted, 1 suspended, 1 failed, 12 ms',
    );
    expect(text).to.match(/^v1 +bank +2 +0 +1200 +2 +0\.750 +0\.500 +1 +0 +2 message$/m);
    const narrow = await runOnTerminal(50, 'slog', 'summary', file);
    for (const line of narrow.text.split('\n\n')[1]?.split('\n') ?? []) {
      expect(line.length).to.be.at.most(50);
    }
  });

  it('summary reads several files, also packed ones', async () => {
    const packed = join(makeTempDir(), 'old.jsonl.gz');
    writeFileSync(packed, gzipSync(jsonLines(delivery(1, 'v1', 10, 0.1), 1_600_000_000)));
    const file = write(delivery(2, 'v1', 20, 0.2));
    const summary = await json<SlogSummary>('slog', 'summary', packed, file);
    expect(summary.files).to.deep.equal([packed, file]);
    expect(
      summary.vats.map(({ deliveries, computrons }) => [deliveries, computrons]),
    ).to.deep.equal([[2, 30]]);
    expect(summary.firstTime).to.equal(1_600_000_000);
  });

  it('timeline lists what became of the vats', async () => {
    const file = write(entries);
    const { text } = await runCommand('slog', 'timeline', file, '--json');
    const events = text.split('\n').map(line => JSON.parse(line) as TimelineEvent);
    expect(events.map(({ type, vatID, detail }) => [type, vatID, detail])).to.deep.equal([
      ['create-vat', 'v1', 'bank, static, xsnap'],
      ['epoch-restart-start', undefined, 'epoch spring -> summer, eager, 2 vats'],
      ['epoch-restart-vat', 'v1', 'bank, restarted'],
      ['epoch-restart-vat', 'v2', 'shop, suspended, no till'],
      ['epoch-restart-finish', undefined, 'epoch summer, 2 vats'],
      ['cosmic-swingset-begin-block', undefined, 'block 8'],
      ['terminate', 'v2', 'enough'],
    ]);
    expect(events.at(-1)).to.deep.include({ line: entries.length, crankNum: 5 });
    const ofShop = await runCommand('slog', 'timeline', file, '--vat', 'v2');
    expect(ofShop.text.split('\n').map(line => line.split(/ {2,}/))).to.deep.equal([
      [
        '2023-11-14T22:13:23.000Z',
        'crank -',
        'v2',
        'epoch-restart-vat',
        'shop, suspended, no till',
      ],
      ['2023-11-14T22:13:45.000Z', 'crank 5', 'v2', 'terminate', 'enough'],
    ]);
  });

  it('diff ignores times and what replicas need not share', async () => {
    const left = write(entries);
    const right = write(
      entries
        .filter(({ type }) => type !== 'console' && type !== 'start-replay')
        .map(entry => ('seconds' in entry ? { ...entry, seconds: 9 } : entry)),
      1_800_000_000,
    );
    const same = await runCommand('slog', 'diff', left, right);
    const compared = entries.length - 3;
    expect([same.code, same.text]).to.deep.equal([0, `no difference in ${compared} entries`]);
    expect((await runCommand('slog', 'diff', left, right, '--all')).code).to.equal(1);
  });

  it('diff names the first difference, with what came before', async () => {
    const left = write(entries);
    const changed = entries.map(entry =>
      entry.type === 'deliver' && entry.crankNum === 4
        ? { ...entry, kd: ['message', 'ko21'] }
        : entry,
    );
    const right = write(changed);
    const found = await json<SlogDiff>('slog', 'diff', left, right, '--context', '2');
    const line =
      changed.findIndex(({ crankNum, type }) => crankNum === 4 && type === 'deliver') + 1;
    expect(found.equal).to.equal(line - 1);
    expect(found.difference?.at).to.equal('kd.1');
    expect(found.difference?.left).to.deep.include({ file: left, line });
    expect(found.difference?.before.map(side => side.line)).to.deep.equal([line - 2, line - 1]);
    const { code, text } = await runCommand('slog', 'diff', left, right);
    expect(code).to.equal(1);
    expect(text)
      .to.contain('the next differ in kd.1\n')
      .and.to.match(/left {3}"ko20"\nright {2}"ko21"$/);

    const short = write(entries.slice(0, 4));
    const cut = await runCommand('slog', 'diff', left, short);
    expect([cut.code, cut.text.includes(`${short} ends before\n${left}:5  `)]).to.deep.equal([
      1,
      true,
    ]);
  });

  it('skips lines that were cut off, and says how many', async () => {
    const whole = write(entries);
    const lines = jsonLines(entries, 1_700_000_000).split('\n');
    // A kernel was killed three times: in its first write, in the crank of v2, and just now.
    const torn = join(makeTempDir(), 'torn.jsonl');
    const at = lines.findIndex(line => line.includes('"crankNum":5'));
    writeFileSync(
      torn,
      [
        '{',
        ...lines.slice(0, at),
        lines[at]?.slice(0, 40),
        ...lines.slice(at, -1),
        '{"type":"crank-st',
      ].join('\n'),
    );
    const summary = await json<SlogSummary>('slog', 'summary', torn);
    const { skippedLines, files, ...rest } = summary;
    expect([skippedLines, files]).to.deep.equal([3, [torn]]);
    const plain = await json<SlogSummary>('slog', 'summary', whole);
    expect({ ...rest, skippedLines: 0, files: [whole] }).to.deep.equal(plain);
    const twice = await runCommand('slog', 'summary', torn, torn);
    expect(twice.text).to.match(/^6 cut lines skipped$/m);
    expect((await runCommand('slog', 'summary', whole)).text).not.to.contain('skipped');

    const timeline = (await runCommand('slog', 'timeline', torn, '--json', '--vat', 'v2')).text;
    const events = timeline.split('\n').map(line => JSON.parse(line) as TimelineEvent);
    expect(events.map(({ type, line }) => [type, line])).to.deep.equal([
      ['cut-line', 1],
      ['epoch-restart-vat', 5],
      ['cut-line', at + 2],
      ['terminate', entries.length + 2],
      ['cut-line', entries.length + 3],
    ]);
    const text = (await runCommand('slog', 'timeline', torn)).text.split('\n');
    expect(text.at(-1)).to.equal('3 cut lines skipped');
    expect(text.at(-2)).to.match(/^- +crank 5 +- +cut-line +\S+torn\.jsonl:\d+ was cut off$/);

    const equal = await runCommand('slog', 'diff', whole, torn);
    expect([equal.code, equal.text]).to.deep.equal([
      0,
      `no difference in ${entries.length - 3} entries\n3 cut lines of ${torn} skipped`,
    ]);
    const diff = await json<SlogDiff>('slog', 'diff', torn, whole, '--all');
    expect(diff).to.deep.include({
      equal: entries.length,
      skippedLines: { left: 3, right: 0 },
    });
  });

  it('skips what a killed process leaves of a slog file when another goes on', async () => {
    const file = join(makeTempDir(), 'slog.jsonl');
    const append = async (...types: readonly string[]): Promise<void> => {
      const slog = makeSlogFile(file);
      for (const type of types) slog.slogSender({ type });
      await slog.close();
    };
    await append('one', 'two');
    truncateSync(file, statSync(file).size - 4);
    await append('three');
    truncateSync(file, statSync(file).size - 1);
    await append('four');
    // A pipe's reader puts the next process's entries behind a torn one.
    appendFileSync(file, '{"type":"fi{"type":"six"}\n');
    await append('seven');
    const found = [];
    for await (const { line, entry } of readSlog(file)) found.push([line, entry?.type]);
    expect(found).to.deep.equal([
      [1, 'one'],
      [2, undefined],
      [3, 'three'],
      [4, 'four'],
      [5, undefined],
      [6, 'seven'],
    ]);
  });

  it('names file and line of what it cannot read', async () => {
    const file = write(entries.slice(0, 2));
    appendFileSync(file, 'a note of mine\n');
    appendFileSync(file, '{"type":"x"}\n');
    for (const command of ['summary', 'timeline']) {
      const failure = await failureOf(runCommand('slog', command, file));
      expect(failure).to.be.instanceOf(SlogFormatError);
      expect(failure).to.deep.include({
        code: 'SLOG_FORMAT',
        line: 3,
        message: `${file}:3: not a JSON object: "a note of mine"`,
      });
    }
    const others: readonly (readonly [name: string, text: string, line: number])[] = [
      ['README.md', '# A page\n\nIt says things.\n', 1],
      ['list.json', '[\n  1\n]\n', 1],
      ['pretty.json', '{\n  "type": "x"\n}\n', 2],
      ['torn.jsonl', '{"a\n{"b\n{"c\n', 1],
    ];
    for (const [name, text, line] of others) {
      const path = join(makeTempDir(), name);
      writeFileSync(path, text);
      const failure = await failureOf(runCommand('slog', 'diff', path, path));
      expect(failure).to.include({ code: 'SLOG_FORMAT', file: path, line });
    }
    const untyped = write([{ kind: 'none' }]);
    expect(String(await failureOf(runCommand('slog', 'timeline', untyped)))).to.contain(
      `${untyped}:1: no entry with a type`,
    );
    const missing = join(makeTempDir(), 'none.jsonl');
    expect(await failureOf(runCommand('slog', 'summary', missing))).to.include({
      code: 'SLOG_READ',
      file: missing,
    });
    expect(await failureOf(runCommand('slog', 'summary', missing))).to.be.instanceOf(SlogReadError);
    const unpacked = write(entries, 0, 'slog.gz');
    expect(await failureOf(runCommand('slog', 'summary', unpacked))).to.include({
      code: 'SLOG_READ',
    });
    const first = await readSlog(write(entries)).next();
    expect(first.value).to.deep.include({ line: 1 });
  });
});
