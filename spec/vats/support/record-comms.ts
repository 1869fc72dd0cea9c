/**
 * Records what two of SwingSet's comms vats are given, ask for, and store, while they connect two
 * users: `node --import=tsx/esm spec/vats/support/record-comms.ts`
 */
import '@endo/init/debug.js';
import { writeFile } from 'node:fs/promises';
import type { SlogEntry } from '../../../lib/types/slog.js';
import { sourcePath } from './paths.js';

type Step = readonly [method: string, ...args: unknown[]];
const call = (target: string, args: readonly unknown[], as?: string): Step => [
  'call',
  target,
  'call',
  args,
  ...(as ? [as] : []),
];

const steps: readonly Step[] = [
  ['call', '$a', 'addEgress', ['b', 1, '$alice']],
  ['call', '$b', 'addIngress', ['a', 1], 'theirAlice'],
  call('$theirAlice', []),
  call('$theirAlice', [1, '$bob', '$bob']),
  call('$alice.1', ['back'], 'answered'),
  // promises as arguments, settled in every way
  ...['p1', 'p2', 'p3', 'p4', 'p5'].map((name): Step => ['makePromise', name]),
  call('$theirAlice', ['$p1', '$p2', '$p3', '$p4', '$p5']),
  ['settle', ['p1', 'resolve', '$carol']],
  call('$alice.0', ['to a resolved promise']),
  ['settle', ['p2', 'reject', 'no']],
  ['settle', ['p3', 'resolve', ['$p3', '$carol']]],
  ['settle', ['p4', 'resolve', ['$p5']], ['p5', 'resolve', ['$p4']]],
  call('$theirAlice', ['$p1', '$p4']),
  // results, pipelining, failures
  ['call', '$a', 'addEgress', ['b', 2, '$later']],
  ['call', '$b', 'addIngress', ['a', 2], 'theirLater'],
  call('$theirLater', [], 'q'),
  call('$q.promise', ['pipelined', '$q.promise', '$bob'], 'r'),
  call('$r.promise', ['twice'], 's'),
  ['settle', ['later', 'resolve', '$alice']],
  call('$theirLater', [], 'q'),
  call('$q.promise', ['pipelined']),
  ['settle', ['later', 'reject', 'broken']],
  call('$theirLater', ['$bob'], 'q'),
  call('$q.promise', ['comes home']),
  ['settle', ['later', 'resolve', '$later.0']],
  ['call', '$a', 'addEgress', ['b', 3, '$fail']],
  ['call', '$b', 'addIngress', ['a', 3], 'theirFail'],
  call('$theirFail', []),
  // a message crosses the resolution of its target
  call('$theirLater', [], 'q'),
  ['hold'],
  ['settle', ['later', 'resolve', '$alice']],
  call('$q.promise', ['crossing', '$q.promise']),
  ['deliverHeld', 'a'],
  ['deliverHeld', 'b'],
  ['deliverHeld', 'a'],
  ['deliverHeld', 'b'],
  ['letGo'],
  // garbage: dropped together, kept as a weak key, dropped while mentioned again
  call('$theirAlice', ['$g1', '$g2', '$g3']),
  ['keepAsWeakKey', 'alice.2'],
  ['forget', 'alice.0', 'alice.1'],
  ['reap'],
  ['forget', 'g3'],
  ['reap'],
  call('$theirAlice', ['$g4']),
  ['hold'],
  call('$theirAlice', ['$g4']),
  ['forget', 'alice.0'],
  ['reap'],
  ['deliverHeld', 'b'],
  ['deliverHeld', 'a'],
  ['deliverHeld', 'b'],
  ['letGo'],
  ['forget', 'alice.0', 'theirLater', 'theirFail', 'q', 'q.promise', 'r', 'r.promise', 's'],
  ['forget', 's.promise', 'result', 'result.promise', 'later.0', 'later', 'fail'],
  ['reap'],
  ['reap'],
];

const { startSwingsetHost } = await import('./swingset-host.js');
const entries: SlogEntry[] = [];
const host = await startSwingsetHost({
  vats: { bootstrap: sourcePath('spec/vats/fixtures/comms-user.js') },
  originalCommsVats: ['a', 'b'],
  onSlog: entry => {
    if (entry.type === 'deliver' || entry.type === 'syscall') entries.push(entry);
  },
});
for (const [method, ...args] of steps) {
  if (method === 'reap') await host.reap();
  else await host.ask(method, ...args);
}

const record = (name: string) => {
  const vatID = host.vatIDOf(name);
  const turns: { delivery: unknown; syscalls: unknown[] }[] = [];
  for (const entry of entries) {
    if (entry.vatID !== vatID) continue;
    if (entry.type === 'deliver') turns.push({ delivery: entry.vd, syscalls: [] });
    if (entry.type !== 'syscall') continue;
    const syscall = entry.vsc as [string];
    if (!syscall[0].startsWith('vatstore')) turns.at(-1)?.syscalls.push(syscall);
  }
  const useful = turns.filter(({ delivery }) => (delivery as [string])[0] !== 'bringOutYourDead');
  return { turns: useful, vatstore: host.readVatstore(vatID) };
};
const recording = { a: record('a'), b: record('b') };
await host.shutdown();
const lines = Object.entries(recording).map(([name, { turns, vatstore }]) => {
  const turnLines = turns.map(turn => JSON.stringify(turn)).join(',\n');
  return `"${name}": {"turns": [\n${turnLines}\n],\n"vatstore": ${JSON.stringify(vatstore, undefined, 1)}}`;
});
await writeFile(sourcePath('spec/vats/fixtures/comms-original.json'), `{${lines.join(',\n')}}\n`);
