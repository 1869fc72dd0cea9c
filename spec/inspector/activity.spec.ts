import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeSlogReader } from '../../lib/inspector/activity/slog-reader.js';

describe("the inspector's reader of a slog", () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'swingset-kernel-slog-'));
    path = join(directory, 'slog.jsonl');
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const line = (entry: object): string => `${JSON.stringify(entry)}\n`;

  const delivery = (vatID: string, time: number, seconds: number, compute?: number): string =>
    line({
      type: 'deliver-result',
      vatID,
      dr: ['ok', null, compute === undefined ? null : { compute }],
      seconds,
      time,
    });

  const finish = (time: number): string => line({ type: 'crank-finish', crankNum: 1, time });

  it('adds up cranks, times and computrons, by vat and by second', async () => {
    writeFileSync(
      path,
      [
        line({ type: 'console', args: ['"type":"crank-finish"'], time: 1 }),
        delivery('v1', 100.2, 0.5, 1000),
        finish(100.3),
        delivery('v2', 100.9, 0.25),
        finish(100.95),
        delivery('v1', 103, 1, 234),
        finish(103.1),
      ].join(''),
    );
    const reader = makeSlogReader(path);
    expect(await reader.step()).to.equal(true);
    expect(await reader.step()).to.equal(false);
    expect(Object.fromEntries(reader.totals.vats())).to.deep.equal({
      v1: { deliveries: 2, seconds: 1.5, computrons: 1234 },
      v2: { deliveries: 1, seconds: 0.25, computrons: 0 },
    });
    expect(reader.sums()).to.deep.include({
      bucketMs: 1000,
      busiest: ['v1', 'v2'],
      badLines: 0,
      problem: null,
      buckets: [
        { time: 100_000, cranks: 2, seconds: [0.5, 0.25] },
        { time: 103_000, cranks: 1, seconds: [1, 0] },
      ],
    });
  });

  it('waits for the end of a line, and reads on from there', async () => {
    const text = finish(5);
    writeFileSync(path, finish(4) + text.slice(0, 9));
    const reader = makeSlogReader(path);
    await reader.step();
    expect(reader.sums().buckets.map(({ cranks }) => cranks)).to.deep.equal([1]);
    appendFileSync(path, text.slice(9));
    await reader.step();
    expect(reader.sums().buckets.map(({ cranks }) => cranks)).to.deep.equal([1, 1]);
  });

  it('begins anew when the file was cut, and says when it is not there', async () => {
    const reader = makeSlogReader(path);
    expect(await reader.step()).to.equal(true);
    expect(reader.sums().problem).to.match(/ENOENT/);
    expect(await reader.step()).to.equal(false);
    writeFileSync(path, finish(1) + finish(2) + finish(3));
    await reader.step();
    expect(reader.sums().problem).to.equal(null);
    writeFileSync(path, finish(9));
    await reader.step();
    await reader.step();
    expect(reader.sums().buckets).to.deep.equal([{ time: 9000, cranks: 1, seconds: [] }]);
  });

  it('begins anew when another file has its place, with its inode and more bytes', async () => {
    writeFileSync(path, finish(1) + finish(2));
    const reader = makeSlogReader(path);
    await reader.step();
    writeFileSync(path, [7, 8, 9].map(finish).join(''));
    await reader.step();
    expect(reader.sums().buckets.map(({ time }) => time)).to.deep.equal([7000, 8000, 9000]);
  });

  it('says how much it has yet to read of a long one', async () => {
    const entry = line({ type: 'console', args: ['x'.repeat(1_000_000)] });
    writeFileSync(path, entry.repeat(70) + finish(1));
    const reader = makeSlogReader(path);
    await reader.step();
    expect(reader.left()).to.equal(statSync(path).size - 64_000_000);
    await reader.step();
    expect([reader.left(), reader.sums().buckets.length]).to.deep.equal([0, 1]);
  });

  it('survives lines that are no entries, and counts them', async () => {
    writeFileSync(
      path,
      [
        'no JSON at all\n',
        '{"type":"crank-finish","time":\n',
        line({ type: 'crank-finish', time: 'noon' }),
        line({ type: 'deliver-result', vatID: '<script>', time: 1, seconds: 1 }),
        line({ type: 'deliver-result', vatID: 'v1', time: 1, seconds: -5, dr: 'x' }),
        '\n',
        finish(1),
      ].join(''),
    );
    const reader = makeSlogReader(path);
    await reader.step();
    expect(reader.sums()).to.deep.include({ badLines: 2, busiest: ['v1'] });
    expect(Object.fromEntries(reader.totals.vats())).to.deep.equal({
      v1: { deliveries: 1, seconds: 0, computrons: 0 },
    });
  });

  it('keeps at most 600 buckets, however long the slog', async () => {
    const times = Array.from({ length: 2_000 }, (_, index) => 1_000_000 + index * 3);
    writeFileSync(path, times.map(finish).join(''));
    const reader = makeSlogReader(path);
    await reader.step();
    const { buckets, bucketMs } = reader.sums();
    expect(buckets.length).to.be.within(300, 600);
    expect(bucketMs).to.equal(16_000);
    expect(buckets.reduce((sum, { cranks }) => sum + cranks, 0)).to.equal(2_000);
    expect(
      buckets.every(({ time }, index) => index === 0 || time > buckets[index - 1]!.time),
    ).to.equal(true);
  });

  it('tells the turns of vats in a restart, the last word of each', async () => {
    const turn = (vatID: string, result: string, error?: string): string =>
      line({
        type: 'epoch-restart-vat',
        epoch: 'summer',
        vatID,
        name: 'a',
        result,
        error,
        ms: 5,
        time: 7,
      });
    writeFileSync(
      path,
      turn('v1', 'restarted') + turn('v2', 'suspended', 'no') + turn('v1', 'exempt'),
    );
    const reader = makeSlogReader(path);
    await reader.step();
    expect(reader.totals.turnsOf('summer')).to.deep.equal([
      {
        vatID: 'v2',
        name: 'a',
        result: 'suspended',
        sleeps: false,
        error: 'no',
        ms: 5,
        time: 7000,
      },
      { vatID: 'v1', name: 'a', result: 'exempt', sleeps: false, error: null, ms: 5, time: 7000 },
    ]);
    expect(reader.totals.turnsOf(1)).to.deep.equal([]);
  });

  it('keeps the newest turns and the newest epochs, however many there are', async () => {
    const turn = (epoch: number, vatID: string, result: string): string =>
      line({ type: 'epoch-restart-vat', epoch, vatID, result, ms: 5, time: 7 });
    const epochs = Array.from({ length: 120 }, (_, epoch) => turn(epoch, 'v1', 'restarted'));
    const vats = Array.from({ length: 10_005 }, (_, index) => turn(119, `v${index}`, 'suspended'));
    writeFileSync(path, [...epochs, ...vats, turn(119, 'v8000', 'restarted')].join(''));
    const reader = makeSlogReader(path);
    await reader.step();
    const { totals } = reader;
    expect([19, 20, 118].map(epoch => totals.turnsOf(epoch).length)).to.deep.equal([0, 1, 1]);
    const turns = totals.turnsOf(119);
    expect(turns.length).to.equal(10_000);
    expect(turns.slice(-2).map(({ vatID, result }) => [vatID, result])).to.deep.equal([
      ['v10004', 'suspended'],
      ['v8000', 'restarted'],
    ]);
  });
});
