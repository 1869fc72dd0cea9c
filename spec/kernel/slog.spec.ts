import { expect } from 'chai';
import type { SlogEntry } from '../../lib/types/slog.js';
import { startDemo } from './support/demo.js';

/** What SwingSet 0.33 was seen to write besides `type`, `time` and `monotime`. */
const common = new Set(['type', 'time', 'monotime']);
const delivery = ['crankNum', 'vatID', 'deliveryNum', 'replay', 'dispatch'];
const syscall = ['crankNum', 'vatID', 'deliveryNum', 'syscallNum', 'replay', 'syscall'];
const swingSetFields: Readonly<Record<string, readonly string[]>> = {
  // And `vatSourceBundle`, which is megabytes; the description has its ID.
  'create-vat': ['vatID', 'dynamic', 'description', 'name', 'managerType'],
  'vat-startup-start': ['vatID'],
  'vat-startup-finish': ['vatID', 'seconds'],
  'start-replay': ['vatID', 'deliveries'],
  'finish-replay': ['vatID', 'seconds'],
  'crank-start': ['crankType', 'crankNum', 'messageType', 'message'],
  'crank-finish': [
    ...['crankType', 'messageType', 'crankNum', 'crankhash', 'activityhash', 'seconds'],
  ],
  deliver: [...delivery, 'kd', 'vd'],
  'deliver-result': [...delivery, 'dr', 'seconds'],
  syscall: [...syscall, 'ksc', 'vsc'],
  'syscall-result': [...syscall, 'ksr', 'vsr', 'seconds'],
  clist: ['crankNum', 'mode', 'vatID', 'kobj', 'vobj'],
  'heap-snapshot-save': [
    ...['vatID', 'snapshotID', 'endPosition', 'uncompressedSize', 'compressSeconds'],
    ...['dbSaveSeconds', 'compressedSize', 'uncompressedSizeDelta', 'restartWorker'],
  ],
  terminate: ['vatID', 'shouldReject', 'info'],
  'vat-cleanup': ['vatID', 'work'],
  'vat-cleanup-complete': ['vatID'],
};

describe('the slog', () => {
  it('tells of every crank what was delivered, asked for, changed and printed, in order', async () => {
    const demo = await startDemo('xsnap', { config: { defaultReapInterval: 1 } });
    demo.slog.length = 0;
    await demo.host('send', 'alice', 'refuse', 'loudly');
    const alice = demo.controller.vatNameToID('alice');
    const at = demo.slog.findIndex(({ type, vatID }) => type === 'deliver' && vatID === alice);
    const { crankNum, deliveryNum } = demo.slog[at] as SlogEntry;
    const crank = demo.slog.filter(entry => entry['crankNum'] === crankNum);
    const summary = crank.map(({ type, syscall, mode }) =>
      [type, syscall, mode].filter(part => typeof part === 'string').join(' '),
    );
    expect(summary.filter((text, index) => text !== summary[index - 1])).to.deep.equal([
      'crank-start',
      'clist import',
      'deliver',
      'console',
      'clist drop',
      'syscall resolve',
      'syscall-result resolve',
      'deliver-result',
      'crank-finish',
    ]);
    const consoleLine = crank.find(({ type }) => type === 'console');
    expect(consoleLine).to.include({
      source: 'liveslots',
      vatID: alice,
      state: 'delivery',
      deliveryNum,
    });
    const syscall = crank.find(({ type }) => type === 'syscall');
    expect((syscall?.['ksc'] as unknown[])[1]).to.equal(alice);
    expect(demo.slog.at(-1)).to.include({ activityhash: demo.controller.getActivityhash() });
  });

  it('tells of vats that are created, upgraded and end, of snapshots, loads and replays', async () => {
    const demo = await startDemo('xsnap', { config: { defaultReapInterval: 1 } });
    const types = () => new Set(demo.slog.map(({ type }) => type));
    expect(
      demo.slog
        .filter(({ type }) => type === 'create-vat')
        .map(({ name, dynamic, managerType }) => [name, dynamic, managerType]),
    ).to.deep.equal([
      ['host', false, 'xsnap'],
      ['vatAdmin', false, 'xsnap'],
      ['alice', false, 'xsnap'],
      ['bob', false, 'xsnap'],
    ]);
    await demo.host('createVat', 'carol', 'contract', { name: 'carol' });
    await demo.host('upgrade', 'carol', 'contract', {});
    await demo.host('send', 'carol', 'exit', 'bye');
    expect([...types()]).to.include.members([
      'vat-startup-start',
      'vat-startup-finish',
      'vat-upgrade-finish',
      'terminate',
      'vat-cleanup',
      'vat-cleanup-complete',
      'heap-snapshot-save',
    ]);
    expect(
      demo.slog.find(({ type, dynamic }) => type === 'create-vat' && dynamic === true),
    ).to.include({
      name: 'carol',
    });
    const entries = [...demo.slog];
    demo.slog.length = 0;
    await demo.reboot();
    await demo.host('send', 'alice', 'echo');
    expect([...types()]).to.include.members([
      'heap-snapshot-load',
      'start-replay',
      'finish-replay',
    ]);
    entries.push(...demo.slog);
    for (const [type, fields] of Object.entries(swingSetFields)) {
      const found = entries.filter(entry => entry.type === type);
      expect(found, type).not.to.be.empty;
      for (const entry of found) {
        const others = Object.keys(entry).filter(field => !common.has(field));
        expect(others, type).to.have.members(fields);
      }
    }
    // The first is right after the save.
    expect(
      entries
        .filter(({ type }) => type === 'heap-snapshot-load')
        .map(entry => Object.keys(entry).length),
    ).to.deep.include.members([6, 8]);
    const end = entries.find(({ type }) => type === 'terminate');
    expect(end).to.deep.include({ shouldReject: false, info: { body: '#"bye"', slots: [] } });
    const cleanups = entries.filter(({ type }) => type === 'vat-cleanup');
    expect(cleanups.map(({ vatID, work }) => [vatID, Object.keys(work as object)])).to.deep.equal([
      [end?.['vatID'], ['exports', 'kv', 'snapshots', 'transcripts']],
    ]);
    for (const { type, seconds } of entries) {
      const takesTime = swingSetFields[type]?.includes('seconds');
      if (takesTime) expect(seconds, type).to.be.within(0, 120);
    }
  });

  it('has times, and is one JSON object per line', async () => {
    const demo = await startDemo('local');
    for (const entry of demo.slog) {
      expect(entry).to.include.keys('type', 'time', 'monotime');
      const line = JSON.stringify(entry, (_key, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      );
      expect(line).not.to.contain('\n');
      expect(JSON.parse(line)).to.have.property('type', entry.type);
    }
  });
});
