import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describeByPs, describeProcess } from '../../lib/store/process-identity.js';
import { endOrphanedProcesses, makeProcessRecords } from '../../lib/store/process-records.js';
import { openSwingStore } from '../../lib/store/swing-store.js';
import { useTempDirs } from './support/dirs.js';

interface RecordOfProcess {
  startedAt: string;
  command: string;
  machine: string;
  owner: { pid: number; startedAt: string };
}

describe('records of processes that a writer started', () => {
  const tempDir = useTempDirs();
  const sleepers: ChildProcess[] = [];
  const command = ['sleep', '600'];

  afterEach(() => {
    for (const sleeper of sleepers.splice(0)) sleeper.kill('SIGKILL');
  });

  const startSleeper = async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    sleepers.push(child);
    await once(child, 'spawn');
    return { child, pid: child.pid ?? 0 };
  };

  /** A record as a process that is gone would have left it, changed in what `change` says. */
  const leave = async (change: (record: RecordOfProcess) => void = () => undefined) => {
    const directory = join(tempDir(), 'processes');
    const { child, pid } = await startSleeper();
    makeProcessRecords(directory).note(pid, command);
    const file = join(directory, `${pid}.json`);
    const record = JSON.parse(readFileSync(file, 'utf8')) as RecordOfProcess;
    record.owner.startedAt = 'long ago';
    change(record);
    writeFileSync(file, JSON.stringify(record));
    return { directory, child, pid, file };
  };

  it('lead the next writer to what is left', async () => {
    const { directory, child } = await leave();
    const exited = once(child, 'exit');
    endOrphanedProcesses(directory);
    expect(await exited).to.deep.equal([null, 'SIGKILL']);
    expect(existsSync(directory)).to.equal(false);
  });

  /** The signal that comes first is the one that it ends by. */
  const expectSpared = async (child: ChildProcess) => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).to.deep.equal([null, 'SIGTERM']);
  };

  const others: Readonly<Record<string, (record: RecordOfProcess) => void>> = {
    'a process that started at another time': record => {
      record.startedAt = `${record.startedAt}1`;
    },
    'a process with another command': record => {
      record.command = 'sleep 601';
    },
    'a process whose record does not tell when its writer started': record => {
      Object.assign(record.owner, { startedAt: undefined });
    },
    'a process of another machine, or of an earlier run of this one': record => {
      record.machine = 'elsewhere';
    },
  };
  for (const [name, change] of Object.entries(others)) {
    it(`never hit ${name}`, async () => {
      const { directory, child } = await leave(change);
      endOrphanedProcesses(directory);
      await expectSpared(child);
      expect(existsSync(directory)).to.equal(false);
    });
  }

  it('leave processes alone while the one that started them lives', async () => {
    const { directory, child, file } = await leave(record => {
      record.owner.startedAt = describeProcess(process.pid)?.startedAt ?? '';
    });
    endOrphanedProcesses(directory);
    await expectSpared(child);
    expect(existsSync(file)).to.equal(true);
  });

  it('go when the process has ended, and with the lock', async () => {
    const dirPath = join(tempDir(), 'store');
    const { hostStorage, kernelStorage } = openSwingStore(dirPath);
    const { pid } = await startSleeper();
    const forget = kernelStorage.processes.note(pid, command);
    const directory = join(dirPath, 'swingstore.processes');
    expect(readdirSync(directory)).to.deep.equal([`${pid}.json`]);
    forget();
    expect(readdirSync(directory)).to.deep.equal([]);
    await hostStorage.close();
    expect(existsSync(directory)).to.equal(false);
  });

  it('may be damaged, and then tell nothing', async () => {
    const directory = join(tempDir(), 'processes');
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of [
      ['1.json', '{'],
      ['2.json', 'null'],
      ['3.json', '{"pid":-1}'],
      ['4.json', `{"pid":${process.pid},"owner":3}`],
    ] as const) {
      writeFileSync(join(directory, name), text);
    }
    endOrphanedProcesses(directory);
    expect(existsSync(directory)).to.equal(false);
  });

  it('are as good where only ps tells of processes', async () => {
    const { pid } = await startSleeper();
    const described = describeByPs(pid);
    expect(described?.command).to.equal('sleep 600');
    expect(Date.parse(described?.startedAt ?? '')).to.be.closeTo(Date.now(), 600_000);
    const ended = sleepers[0]!;
    const exited = once(ended, 'exit');
    ended.kill('SIGKILL');
    await exited;
    expect(describeByPs(pid)).to.equal(undefined);
  });
});
