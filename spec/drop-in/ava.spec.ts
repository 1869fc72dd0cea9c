/** Issue 12, item 2: the modules that only ava can import, run by ava. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));

const runAva = (name: string) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...['node_modules/ava/entrypoints/cli.mjs', '--tap', '--no-worker-threads', '--timeout=20m'],
      ...['--node-arguments=--import=tsx/esm', `spec/drop-in/ava/${name}.test.js`],
    ],
    { cwd: root, encoding: 'utf8' },
  );
  return { status, output: stdout + stderr };
};

describe('test files of ava', () => {
  it('are prepared with lockdown, VatData and a test that prints errors', () => {
    const { status, output } = runAva('prepared');
    expect(status, output).to.equal(0);
    expect(output)
      .to.match(/# pass 4\n/)
      .and.to.contain('this is why');
  });

  it('are prepared for one life of a vat after another', () => {
    const { status, output } = runAva('strict');
    expect(status, output).to.equal(0);
    expect(output).to.match(/# pass 1\n/);
  });

  it('test durable objects in a vat before and after an upgrade', () => {
    const { status, output } = runAva('durable');
    expect(status, output).to.equal(0);
    expect(output).to.match(/# pass 1\n/);
  });
});
