import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { makeSlogFile } from '../../lib/telemetry/slog-file.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import { until } from '../support/processes.js';
import { makeTempDir } from '../support/swingset.js';

const newPath = (): string => join(makeTempDir(), 'slog.jsonl');

const entriesIn = (text: string): SlogEntry[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as SlogEntry);

const read = (path: string): SlogEntry[] => entriesIn(readFileSync(path, 'utf8'));

const numbered = (path: string): string[] =>
  readdirSync(dirname(path))
    .filter(name => name.startsWith(`${basename(path)}.`))
    .sort((a, b) => parseInt(a.split('.')[2]!, 10) - parseInt(b.split('.')[2]!, 10));

const indexes = (entries: readonly SlogEntry[]): unknown[] => entries.map(({ index }) => index);

describe('a slog file', () => {
  it('has the entries of a turn when the turn has ended, with bigints as text', async () => {
    const path = newPath();
    const file = makeSlogFile(path);
    file.slogSender({ type: 'a', n: 12n });
    file.slogSender({ type: 'b' });
    expect(existsSync(path)).to.equal(false);
    await nextTurn();
    expect(read(path)).to.deep.equal([{ type: 'a', n: '12' }, { type: 'b' }]);
    file.slogSender({ type: 'c' });
    file.flush();
    expect(read(path).at(-1)).to.deep.equal({ type: 'c' });
    file.slogSender({ type: 'd' });
    await file.close();
    file.slogSender({ type: 'too late' });
    file.flush();
    expect(read(path).map(({ type }) => type)).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(process.listeners('exit')).not.to.include(file.flush);
  });

  it('holds no more than 64 KiB in memory', async () => {
    const path = newPath();
    const file = makeSlogFile(path);
    for (let index = 0; index < 100; index += 1) {
      file.slogSender({ type: 'long', text: 'x'.repeat(1_000) });
    }
    // Lines of 1,026 bytes.
    expect(read(path)).to.have.length(64);
    await file.close();
    expect(read(path)).to.have.length(100);
  });

  it('is written to its end when the process exits', () => {
    const path = newPath();
    const module = new URL('../../lib/telemetry/slog-file.ts', import.meta.url).href;
    const script = `const { makeSlogFile } = await import(${JSON.stringify(module)});
      makeSlogFile(${JSON.stringify(path)}).slogSender({ type: 'last words' });
      process.exit(3);`;
    let status: unknown;
    try {
      execFileSync(process.execPath, [
        ...['--import', 'tsx/esm', '--input-type=module', '-e'],
        script,
      ]);
    } catch (error) {
      ({ status } = error as { status: unknown });
    }
    expect(status).to.equal(3);
    expect(read(path)).to.deep.equal([{ type: 'last words' }]);
  });

  it('begins a new file before one gets too long, and keeps the newest', async () => {
    const path = newPath();
    const file = makeSlogFile(path, { maxBytes: 100, keep: 3 });
    const entry = (index: number) => ({ type: 'e', index, text: 'x'.repeat(10) });
    expect(JSON.stringify(entry(0))).to.have.length(42);
    for (let index = 0; index < 10; index += 1) file.slogSender(entry(index));
    await file.close();
    // Two of 43 bytes fit.
    expect(numbered(path)).to.deep.equal(['slog.jsonl.2', 'slog.jsonl.3', 'slog.jsonl.4']);
    const dir = dirname(path);
    const files = [...numbered(path).map(name => join(dir, name)), path];
    expect(files.map(each => indexes(read(each)))).to.deep.equal([
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
    ]);

    // Another process goes on with the file and with the numbers. A longer entry has its own file.
    const next = makeSlogFile(path, { maxBytes: 100, keep: 3 });
    next.slogSender({ type: 'e', index: 10, text: 'x'.repeat(500) });
    next.slogSender(entry(11));
    await next.close();
    expect(numbered(path)).to.deep.equal(['slog.jsonl.4', 'slog.jsonl.5', 'slog.jsonl.6']);
    expect(indexes(read(`${path}.5`))).to.deep.equal([8, 9]);
    expect(indexes(read(`${path}.6`))).to.deep.equal([10]);
    expect(indexes(read(path))).to.deep.equal([11]);
  });

  it('compresses full files, also those that an earlier process left', async () => {
    const path = newPath();
    writeFileSync(`${path}.7`, '{"type":"left","index":-1}\n');
    writeFileSync(`${path}.7.gz.tmp`, 'half');
    writeFileSync(`${path}.6.gz`, 'of the time before');
    const file = makeSlogFile(path, { maxBytes: 50, keep: 2, gzip: true });
    for (let index = 0; index < 3; index += 1) file.slogSender({ type: 'compressed', index });
    await file.close();
    expect(numbered(path)).to.deep.equal(['slog.jsonl.8.gz', 'slog.jsonl.9.gz']);
    const unpacked = ['8', '9'].map(number =>
      entriesIn(gunzipSync(readFileSync(`${path}.${number}.gz`)).toString()),
    );
    expect(unpacked.map(indexes)).to.deep.equal([[0], [1]]);
    expect(indexes(read(path))).to.deep.equal([2]);
  });

  it('compresses what an earlier process left when nothing is rotated', async () => {
    const path = newPath();
    writeFileSync(`${path}.7`, '{"type":"left","index":-1}\n');
    writeFileSync(`${path}.7.gz.tmp`, 'half');
    const file = makeSlogFile(path, { gzip: true });
    file.slogSender({ type: 'compressed' });
    await file.close();
    expect(numbered(path)).to.deep.equal(['slog.jsonl.7.gz']);
    expect(gunzipSync(readFileSync(`${path}.7.gz`)).toString()).to.contain('"left"');
  });

  it('begins on a line of its own after a torn one', async () => {
    const path = newPath();
    writeFileSync(path, '{"type":"whole"}\n{"type":"to');
    const file = makeSlogFile(path);
    file.slogSender({ type: 'next' });
    await file.close();
    expect(readFileSync(path, 'utf8')).to.equal('{"type":"whole"}\n{"type":"to\n{"type":"next"}\n');
  });

  it('reports a full disk once, goes on, and says how much is missing', async () => {
    const path = newPath();
    symlinkSync('/dev/full', path);
    const errors: unknown[] = [];
    const file = makeSlogFile(path, { maxBytes: 10, onError: error => errors.push(error) });
    for (let index = 0; index < 3; index += 1) {
      file.slogSender({ type: 'lost', index });
      file.flush();
    }
    expect(errors.map(error => (error as { code: string }).code)).to.deep.equal(['ENOSPC']);
    expect(readdirSync(dirname(path))).to.deep.equal(['slog.jsonl']);
    // Somebody made room.
    rmSync(path);
    file.slogSender({ type: 'kept' });
    await file.close();
    expect(read(`${path}.1`)).to.deep.equal([{ type: 'slog-lost', entries: 3 }]);
    expect(read(path)).to.deep.equal([{ type: 'kept' }]);
  });

  it('counts as missing only what a full disk has not taken (issue 18)', () => {
    const path = newPath();
    const script = `
      import { renameSync } from 'node:fs';
      import { makeSlogFile } from ${JSON.stringify(new URL('../../lib/telemetry/slog-file.ts', import.meta.url).href)};
      const file = makeSlogFile(${JSON.stringify(path)}, { onError: () => undefined });
      for (let index = 10; index < 60; index += 1) file.slogSender({ type: 'entry', index });
      file.flush();
      file.slogSender({ type: 'lost' });
      file.flush();
      renameSync(${JSON.stringify(path)}, ${JSON.stringify(`${path}.full`)});
      for (const type of ['kept', 'too']) {
        file.slogSender({ type });
        file.flush();
      }
      await file.close();`;
    // No file may have more than one block, of 512 or 1,024 bytes.
    const limited = 'trap "" XFSZ; ulimit -f 1; exec "$0" "$@"';
    const args = ['--import', 'tsx/esm', '--input-type=module', '-e', script];
    execFileSync('/bin/sh', ['-c', limited, process.execPath, ...args]);
    const whole = readFileSync(`${path}.full`, 'utf8').split('\n').slice(0, -1);
    expect(whole.length).to.be.within(10, 49);
    expect(indexes(entriesIn(whole.join('\n')))).to.deep.equal(whole.map((_, at) => at + 10));
    expect(read(path)).to.deep.equal([
      { type: 'slog-lost', entries: 50 - whole.length + 1 },
      { type: 'kept' },
      { type: 'too' },
    ]);
  });

  it('goes on when the host fails as it is told of an error (issue 18)', async () => {
    const path = newPath();
    symlinkSync('/dev/full', path);
    let told = 0;
    const file = makeSlogFile(path, {
      onError: () => {
        told += 1;
        throw Error('a bug of the host');
      },
    });
    file.slogSender({ type: 'lost' });
    // In the turn that writes it, an error would end the process.
    await nextTurn();
    expect(told).to.equal(1);
    rmSync(path);
    file.slogSender({ type: 'kept' });
    await file.close();
    expect(read(path)).to.deep.equal([{ type: 'slog-lost', entries: 1 }, { type: 'kept' }]);
  });

  it('leaves no half of a compressed file (issue 18)', async () => {
    const path = newPath();
    // What can't be read to its end, as on a bad disk.
    mkdirSync(`${path}.1`);
    const errors: unknown[] = [];
    const file = makeSlogFile(path, { gzip: true, onError: error => errors.push(error) });
    await file.close();
    expect(errors.map(error => (error as { code: string }).code)).to.deep.equal(['EISDIR']);
    expect(readdirSync(dirname(path))).to.deep.equal(['slog.jsonl.1']);
  });

  it('writes on where it can not rotate', async () => {
    const path = newPath();
    const errors: unknown[] = [];
    const file = makeSlogFile(path, { maxBytes: 20, onError: error => errors.push(error) });
    file.slogSender({ type: 'before' });
    file.flush();
    // Somebody deletes the file, so it can't be renamed.
    rmSync(path);
    file.slogSender({ type: 'after' });
    await file.close();
    expect(errors.map(error => (error as { code: string }).code)).to.deep.equal(['ENOENT']);
    expect(read(path)).to.deep.equal([{ type: 'after' }]);
  });

  it('loses no line but the last when its process is killed, and its successor goes on', async () => {
    const path = newPath();
    const script = fileURLToPath(new URL('support/slog-writer.ts', import.meta.url));
    const filesSoFar = () => [...numbered(path).map(name => join(dirname(path), name)), path];
    const isWhole = (line: string): boolean => {
      try {
        return Boolean(JSON.parse(line));
      } catch {
        return false;
      }
    };
    let first = 0;
    for (const [index, life] of ['first', 'second'].entries()) {
      const goal = numbered(path).length + 3;
      const child = spawn(process.execPath, ['--import', 'tsx/esm', script, path, `${first}`], {
        stdio: 'inherit',
      });
      const ended = once(child, 'exit');
      await until(() => numbered(path).length >= goal);
      child.kill('SIGKILL');
      await ended;
      const lines = filesSoFar()
        .filter(each => existsSync(each))
        .flatMap(each => readFileSync(each, 'utf8').split('\n'))
        .filter(line => line !== '');
      // The kernel may cut the write under way short: at most one line for each kill.
      const whole = lines.filter(isWhole);
      expect(lines.length - whole.length).to.be.at.most(index + 1);
      const found = entriesIn(whole.join('\n'));
      expect(indexes(found)).to.deep.equal(found.map((_, at) => at));
      expect(found.length, life).to.be.greaterThan(first);
      first = found.length;
    }
  });

  it('refuses options that make no sense', () => {
    for (const options of [{ maxBytes: 0 }, { keep: 0.5 }, { keep: -1 }, { max: 7 }]) {
      expect(() => makeSlogFile(newPath(), options))
        .to.throw()
        .with.property('code', 'BAD_OPTION');
    }
  });
});
