/** What is printed is printed whole, or the command fails. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, openSync, closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeOutput } from '../../lib/cli/output.js';

const bin = fileURLToPath(new URL('../../bin/swingset-kernel.js', import.meta.url));

const systemError = (code: string): Error => Object.assign(Error(`${code}: it failed`), { code });

const makeStream = () => {
  const written: string[] = [];
  const source = new EventEmitter();
  return {
    written,
    fail: (code: string) => source.emit('error', systemError(code)),
    stream: {
      write: (text: string) => void written.push(text),
      on: (event: 'error', listener: (error: Error) => void) => source.on(event, listener),
    },
  };
};

describe('the output of a command', () => {
  it('reaches a file whole, although the disk takes it in pieces', () => {
    const { stream, written } = makeStream();
    let file = '';
    const output = makeOutput(stream, bytes => {
      file += Buffer.from(bytes.subarray(0, 3)).toString('latin1');
      return Math.min(3, bytes.length);
    });
    output.print('a vat, bücher');
    output.print('more');
    expect(Buffer.from(file, 'latin1').toString()).to.equal('a vat, bücher\nmore\n');
    expect(output.problem()).to.equal(undefined);
    expect(written).to.deep.equal([]);
  });

  it('is a failure when the disk is full in the middle, and does not go on after the gap', () => {
    let room = 5;
    let calls = 0;
    const output = makeOutput(makeStream().stream, bytes => {
      calls += 1;
      if (room === 0) throw systemError('ENOSPC');
      const taken = Math.min(room, bytes.length);
      room -= taken;
      return taken;
    });
    output.print('longer than that');
    expect(output.problem()).to.equal('ENOSPC: it failed');
    room = 100;
    output.print('more');
    expect(calls).to.equal(2);
  });

  it('is no failure when its reader has gone, and is one when a stream fails', () => {
    const { stream, fail, written } = makeStream();
    const output = makeOutput(stream);
    output.print('one');
    fail('EPIPE');
    output.print('two');
    expect([written, output.problem()]).to.deep.equal([['one\n', 'two\n'], undefined]);
    fail('EIO');
    expect(output.problem()).to.equal('EIO: it failed');
  });

  it('makes a process fail that could not write it', async function full() {
    if (!existsSync('/dev/full')) this.skip();
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [bin, '--version'], { stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = await once(child, 'close');
    closeSync(full);
    expect(ended).to.deep.equal([1, null]);
    expect(stderr).to.match(/^swingset-kernel: the output is not complete: ENOSPC: /);
  });
});
