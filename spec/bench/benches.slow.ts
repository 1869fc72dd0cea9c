/**
 * Runs every bench in a tenth of its size and looks at what it finds: each figure is there, for each
 * contender. Takes some minutes.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { GrownCurve } from '../../bench/growth/types.js';
import type { ResultLine } from '../../bench/harness/lines.js';
import type { SubjectResult } from '../../bench/real-vats/results.js';
import { rows } from '../../bench/rows/catalogue.js';

const cwd = fileURLToPath(new URL('../..', import.meta.url));

const runBench = async <T>(name: string): Promise<readonly T[]> => {
  const args = ['--import', 'tsx/esm', `bench/${name}.ts`];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, '--quick', '--rounds', '1', '--json'],
    { cwd, maxBuffer: 2 ** 26 },
  );
  return (JSON.parse(stdout) as { readonly results: readonly T[] }).results;
};

const areFigures = (...values: readonly unknown[]): void => {
  for (const value of values) expect(value).to.be.a('number').that.is.above(0);
};

describe('the benches', () => {
  it('measure each line of each row', async () => {
    const lines = await runBench<ResultLine>('main');
    expect(lines.map(({ row, key }) => `${row} ${key}`)).to.deep.equal(
      rows.flatMap(({ name, lines }) => Object.keys(lines).map(key => `${name} ${key}`)),
    );
    const hashOf = (name: string) => lines.find(({ row }) => row === name)?.activityhash;
    for (const { name } of rows) expect(hashOf(name), name).to.match(/^[0-9a-f]{64}$/);
    expect(hashOf('restart-concurrent')).to.equal(hashOf('restart'));
    expect(hashOf('restart-rows-concurrent')).to.equal(hashOf('restart-rows'));
    for (const { row, key, peer, here, limit } of lines) {
      areFigures(peer, here);
      const hasLimit = rows.find(({ name }) => name === row)?.limit !== undefined;
      if (hasLimit && ['wall', 'cpu'].includes(key)) areFigures(limit);
    }
  });

  it('measure each point of each curve', async () => {
    for (const { lines, points } of await runBench<GrownCurve>('growth')) {
      for (const { figures } of points) {
        areFigures(...Object.keys(lines).map(key => figures[key]?.median));
      }
    }
  });

  it('measure each way to restart realistic vats, and where the time goes', async () => {
    for (const { ways, vats } of await runBench<SubjectResult>('real-vats')) {
      for (const { restart, cpu, commit, firstCall } of ways) {
        areFigures(restart, cpu, commit, firstCall);
      }
      expect(ways).to.have.length(3);
      const measured = vats.filter(({ bare }) => bare !== undefined);
      expect(measured).to.have.length.above(3);
      for (const { phases, bare } of measured) {
        areFigures(phases.load, phases.startVat, bare?.load, bare?.setBundle, bare?.startVat);
      }
    }
  });
});
