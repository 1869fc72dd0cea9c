import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { makeNodeWorkerPowers } from '../../lib/platform/node-powers.js';
import {
  findShortages,
  parseResourceLimits,
  planLimits,
  type Machine,
} from '../../lib/platform/resource-limits.js';
import { startXsnapProcess } from '../../lib/platform/xsnap-process.js';

const GIB = 1024 ** 3;
const none = { soft: Infinity, hard: Infinity };
const stack = { soft: 8 * 1024 ** 2, hard: Infinity };
const limits = { addressSpace: none, data: none, stack };
const usual: Machine = { limits, overcommit: 0, totalBytes: 16 * GIB };
const at = (bytes: number) => ({ soft: bytes, hard: bytes });

describe('the limits of worker processes (issue 10)', () => {
  it('are read as Linux writes them', () => {
    const text = [
      'Limit                     Soft Limit           Hard Limit           Units     ',
      'Max data size             1073741824           unlimited            bytes     ',
      'Max stack size            8388608              unlimited            bytes     ',
      'Max address space         unlimited            unlimited            bytes     ',
    ].join('\n');
    expect(parseResourceLimits(text)).to.deep.equal({
      ...limits,
      data: { soft: GIB, hard: Infinity },
    });
  });

  it('are short where the machine may refuse what XS allows', () => {
    expect(findShortages(usual)).to.deep.equal({});
    expect(findShortages({ ...usual, overcommit: 1 })).to.deep.equal({});
    const enough = { addressSpace: at(8 * GIB), data: at(8 * GIB), stack };
    expect(findShortages({ ...usual, limits: enough })).to.deep.equal({});
    for (const [machine, word] of [
      [{ ...usual, limits: { ...limits, addressSpace: at(8 * GIB - 1) } }, 'ulimit -v'],
      [{ ...usual, limits: { ...limits, data: at(8 * GIB - 1) } }, 'ulimit -d'],
      [{ ...usual, overcommit: 2 }, 'vm.overcommit_memory'],
      [{ ...usual, totalBytes: GIB }, 'the machine has 1.0 GiB'],
    ] as const) {
      const { memory, ...others } = findShortages(machine);
      expect(memory).to.include(word);
      expect(others).to.deep.equal({});
    }
    expect(findShortages({ ...usual, limits: { ...limits, stack: at(1024 ** 2) } }))
      .to.have.property('stack')
      .that.includes('1024 KiB');
  });

  it('are set only where they are others, and can be', () => {
    expect(planLimits(limits)).to.deep.equal(['ulimit -S -v 8388608']);
    expect(planLimits({ ...limits, addressSpace: at(GIB) })).to.deep.equal([]);
    expect(planLimits({ addressSpace: at(GIB), data: none, stack: none })).to.deep.equal([
      'ulimit -S -s 8192',
    ]);
    expect(planLimits({ addressSpace: at(GIB), data: none, stack: at(1024 ** 2) })).to.deep.equal(
      [],
    );
  });

  it('bound a worker, whose memory XS limits well below', async function () {
    if (process.platform !== 'linux') this.skip();
    const worker = startXsnapProcess({
      powers: makeNodeWorkerPowers(),
      name: 'limited',
      meteringLimit: 0,
    });
    try {
      await worker.isReady();
      await worker.evaluate('1 + 1');
      const granted = parseResourceLimits(readFileSync(`/proc/${worker.pid}/limits`, 'utf8'));
      expect(granted.addressSpace.soft).to.equal(8 * GIB);
      expect(granted.stack.soft).to.equal(8 * 1024 ** 2);
      expect(readFileSync(`/proc/${worker.pid}/cmdline`, 'utf8')).to.match(
        /xsnap-worker\0limited\0$/,
      );
      const failure = worker.evaluate(`new ArrayBuffer(${1.2 * GIB})`).catch(() => undefined);
      expect(await worker.ended).to.deep.equal({ kind: 'exit', code: 11 });
      await failure;
    } finally {
      await worker.kill();
    }
  });
});
