import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('../../examples/contracts/main.ts', import.meta.url));

describe('the example of contracts', () => {
  it('restarts vats that refuse what they were created with, in each mode', async () => {
    const args = ['--import', 'tsx/esm', main, '--worker', 'local'];
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, args, (error, stdout, stderr) =>
        error ? reject(Error(`${error.message}\n${stderr}`)) : resolve(stdout),
      );
    });
    // The example itself checks what the shops sold, before and after each restart.
    expect(output).to.include('bakery: refused what it has retained: {"price":3,"till":');
    expect(output).to.include('bakery: restarted with the parameters that you gave: {"price":3}');
    const [, , , ...modes] = output.split('== ');
    expect(modes.map(part => part.split('\n')[0])).to.deep.equal([
      'eager',
      'eager, two at a time',
      'lazy',
    ]);
    for (const part of modes) {
      expect(part).to.match(/florist: (restarted|sleeps, not tried yet), with given parameters/);
      expect(part).to.include('autumn, without any: both shops go on');
    }
  });
});
