/** What the vat-admin vat says on the wire, against a recording of SwingSet's own. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { startIncarnation, type Device, type SyscallTuple } from './vat-admin-harness.js';

interface RecordedDelivery {
  delivery: readonly unknown[];
  syscalls: { syscall: SyscallTuple; result?: readonly unknown[] }[];
}

const readLines = async (name: string): Promise<unknown[]> => {
  const text = await readFile(new URL(name, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter(line => line)
    .map(line => JSON.parse(line) as unknown);
};

const isGC = ([type]: readonly unknown[]): boolean =>
  ['bringOutYourDead', 'dropImports', 'retireImports'].includes(String(type));

/** Texts of errors and their running numbers are not part of the wire's contract. */
const withoutErrorTexts = (syscall: unknown): unknown =>
  JSON.parse(
    JSON.stringify(syscall).replace(
      /\\"#error\\":\\"(?:[^"\\]|\\\\\\"|\\\\\\\\)*\\"(?:,\\"errorId\\":\\"[^"\\]*\\")?,\\"name\\":\\"\w+\\"/g,
      '\\"#error\\":\\"\\"',
    ),
  ) as unknown;

describe('the wire of the vat-admin vat', () => {
  it('makes the syscalls that SwingSet made in the same life', async () => {
    const recording = (await readLines('vat-admin-swingset-wire.jsonl')) as RecordedDelivery[];
    let answers: RecordedDelivery['syscalls'] = [];
    const device: Device = () => answers.shift()?.result ?? ['error', 'not in the recording'];
    const [, ...deliveries] = recording;
    const vat = await startIncarnation(new Map(), device);
    for (const { delivery, syscalls } of deliveries) {
      if (isGC(delivery)) continue;
      const expected = syscalls.filter(({ syscall }) => !isGC(syscall));
      answers = expected.filter(({ syscall }) => syscall[0] === 'callNow');
      const made = await vat.deliver(delivery);
      expect(made.map(withoutErrorTexts), JSON.stringify(delivery)).to.deep.equal(
        expected.map(({ syscall }) => withoutErrorTexts(syscall)),
      );
    }
  });
});
