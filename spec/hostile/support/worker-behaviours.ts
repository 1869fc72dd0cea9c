/** What a worker can do that has been taken over, and what becomes of its vat. */
import { netstringOf } from '../../../lib/platform/netstrings.js';
import { dies, ends, fails, unresolved, type Behaviour } from './fates.js';
import { ANSWER, type Possession, type Wire } from './possession.js';
import { SILENCE, type VirtualSilence } from './virtual-silence.js';

export interface WorkerBehaviour extends Behaviour {
  readonly possession: Possession;
}

/** Longer than a message may be. */
const TOO_LONG = 13_000_000;

const ILLEGAL = 'syscall translation error';

const fault = (name: string, why: string, possession: Possession): WorkerBehaviour => ({
  name,
  run: ends(why),
  start: fails(why),
  possession,
});

const death = (name: string, why: string, possession: Possession): WorkerBehaviour => ({
  name,
  run: dies(why),
  start: dies(why),
  possession,
});

/** The kernel takes no notice. Nobody resolved the result, and there is no root but the name of it. */
const nothing = (name: string, possession: Possession): WorkerBehaviour => ({
  name,
  run: unresolved,
  possession,
});

const bytes =
  (text: string | Buffer): Possession =>
  ({ say }) =>
    say(text);

const request = (text: string): Possession => bytes(netstringOf('?', text));
const reply = (text: string, used?: string): Possession => {
  return ({ answer }) => answer(text, used);
};

const data = (body: unknown, ...slots: string[]) => ({ body: `#${JSON.stringify(body)}`, slots });
const message = (...slots: string[]) => ({ methargs: data(['x', []], ...slots) });

/** Each breaks a rule of the kernel, in a request or with the answer to the delivery. */
const illegalSyscalls: readonly unknown[] = [
  ['send', 'ko1', message()],
  ['send', 'o-999', message()],
  ['send', 'd+1', message()],
  ['send', '__proto__', message()],
  ['send', 'o+5', { methargs: { body: 'garbage', slots: [] } }],
  ['send', 'o+5', { methargs: { body: '#["x",["$0"]]', slots: ['ko1'] } }],
  ['send', 'o+5', { methargs: { body: '#["x",["$7"]]', slots: ['o+6'] } }],
  ['send', 'o+5', { methargs: { body: '#["x",[]]', slots: [{ toString: 'o+6' }] } }],
  ['send', 'o+5', { methargs: { body: 5, slots: [] } }],
  ['send', 'o+5', { methargs: data(['x', []]), result: 'p-999' }],
  ['send', 'o+5', null],
  ['send'],
  ['callNow', 'o+0', 'x', data([])],
  ['callNow', 'd-999', 'x', data([])],
  ['subscribe', 'p-999'],
  ['subscribe', 'o+0'],
  ['resolve', [['p-999', false, data('x')]]],
  ['resolve', [['p+5', false, { body: '#"&0"', slots: ['p+5'] }]]],
  ['resolve', [null]],
  ['resolve', 'p+5'],
  ['exit', 'yes', data('x')],
  ['exit', false, { body: '#"$0"', slots: ['kp1'] }],
  ['vatstoreSet', 'key', 5],
  ['vatstoreSet', { toString: 'key' }, 'value'],
  ['vatstoreGet'],
  ['vatstoreDelete', null],
  ['dropImports', ['o+0']],
  ['dropImports', 'o-50'],
  ['retireImports', ['o-999']],
  ['retireExports', ['o+0']],
  ['abandonExports', ['o+0']],
  ['setVatOption', 'critical', false],
  ['__proto__'],
  ['constructor', 'x'],
  ['initialize-worker'],
];

/** No syscalls at all. */
const noSyscalls: readonly unknown[] = [null, 5, 'send', [], {}, [null], [['send']], true];

const short = (value: unknown): string => JSON.stringify(value).slice(0, 60);

const flood = async ({ request: ask, answer }: Wire): Promise<void> => {
  const text = JSON.stringify(['syscall', ['vatstoreSet', 'key', 'x'.repeat(9_000_000)]]);
  for (let i = 0; i < 20; i += 1) await ask(text);
  answer();
};

const floodOfExports = async ({ request: ask, answer }: Wire): Promise<void> => {
  for (let round = 0; round < 11; round += 1) {
    const slots = Array.from({ length: 10_000 }, (_, i) => `o+${1000 + round * 10_000 + i}`);
    const body = `#["x",[${slots.map((_, i) => `"$${i}"`).join()}]]`;
    await ask(JSON.stringify(['syscall', ['send', 'o+5', { methargs: { body, slots } }]]));
  }
  answer();
};

const onTheWire: readonly WorkerBehaviour[] = [
  death('writes garbage', 'broke the protocol', bytes(Buffer.from([0, 255, 1, 254, 10, 13]))),
  death('writes a message without a kind', '', bytes('0:,')),
  death('writes a message of an unknown kind', 'unknown kind', bytes('3:abc,')),
  death('writes a message without its end', 'comma', bytes('3:?[]x')),
  death('writes a length without end', '', bytes('9'.repeat(100))),
  fault('writes a reply that is too long', 'too large', ({ say }) => {
    say(netstringOf('.', 'x'.repeat(TOO_LONG)));
  }),
  fault('writes a request that is too long', 'too large', ({ say }) => {
    say(netstringOf('?', `["syscall",["vatstoreSet","key","${'x'.repeat(TOO_LONG)}"]]`));
  }),
  fault('announces more than there is memory', 'too large', ({ say }) => {
    say(`9999999999:?${'x'.repeat(100)}`);
  }),
  nothing('prints a line that is too long', async ({ request: ask, answer }) => {
    await ask(`["sourcedConsole","vat","log","${'x'.repeat(TOO_LONG)}"]`);
    answer();
  }),
  nothing('prints a line of very many words', async ({ request: ask, answer }) => {
    const words = Array.from({ length: 1_000_000 }, () => '""');
    await ask(`["sourcedConsole","vat","log",${words.join()}]`);
    answer();
  }),
  nothing('prints what is no text', async ({ request: ask, answer }) => {
    await ask('["sourcedConsole",{"toString":1},["x"],{"toJSON":1},null,[[[]]]]');
    await ask('["sourcedConsole"]');
    await ask('["testLog",{"toString":1},null]');
    answer();
  }),
  fault('asks what is no JSON', 'a request that is not JSON', request('{')),
  ...['[]', 'null', '5', '{"0":"syscall"}', '[["syscall"]]'].map(text =>
    fault(`asks ${text}`, 'a request without a tag', request(text)),
  ),
  ...['bogus', '__proto__', 'constructor', 'deliver'].map(tag =>
    fault(`asks for ${tag}`, 'an unknown request', request(JSON.stringify([tag, {}]))),
  ),
  fault(
    'nests a request very deeply',
    '',
    request(`["syscall",${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}]`),
  ),
  fault('floods the kernel with syscalls', 'syscalls and their results of more than', flood),
  fault('exports without end', '(exports)', floodOfExports),
  fault('answers what is no JSON', 'an answer that is not JSON', reply('{')),
  ...['null', '5', '"ok"', '{"0":"ok"}', '[]', '[["ok"]]'].map(text =>
    fault(`answers ${text}`, 'an answer without a status', reply(text)),
  ),
  fault('answers an error of an odd kind', '', reply('["error",{"toString":1},null]')),
  fault('answers an exception of an odd kind', '', reply('["err",{"toString":1},[[{}]]]')),
  fault(
    'answers an error that is nested very deeply',
    '',
    reply(`["error",${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}]`),
  ),
  fault('answers an error of great length', '', reply(`["error","${'x'.repeat(11_000_000)}"]`)),
  ...['1.5', '-1', '"1"', '1e999', '{}', 'true'].map(compute =>
    death(`used ${compute} computrons`, 'computrons', ({ answer }) => {
      answer(ANSWER, `{"compute":${compute}}`);
    }),
  ),
  ...['[', ''].map(used =>
    death(`used ${used || 'nothing'}`, 'not JSON', ({ answer }) => answer(ANSWER, used)),
  ),
  fault('used more than it may', 'Compute meter exceeded', ({ answer }) => {
    answer(ANSWER, '{"compute":9007199254740991}');
  }),
  nothing('answers twice', ({ answer, before }) => {
    answer();
    if (before === 0) answer();
  }),
  nothing('asks after its answer', ({ answer, say, before }) => {
    answer();
    if (before > 0) return;
    say(netstringOf('?', '["syscall",["vatstoreSet","key","value"]]'));
  }),
];

const inSyscalls: readonly WorkerBehaviour[] = illegalSyscalls.flatMap(syscall => [
  fault(`makes the syscall ${short(syscall)}`, ILLEGAL, async ({ request: ask, answer }) => {
    await ask(JSON.stringify(['syscall', syscall]));
    answer();
  }),
  fault(
    `answers with the syscall ${short(syscall)}`,
    ILLEGAL,
    reply(`["ok",null,null,${JSON.stringify(syscall)}]`),
  ),
]);

const inNoSyscalls: readonly WorkerBehaviour[] = noSyscalls.flatMap(value => [
  fault(`makes the syscall ${short(value)}`, 'no syscall', ({ say }) => {
    say(netstringOf('?', JSON.stringify(['syscall', value])));
  }),
  fault(
    `answers with the syscall ${short(value)}`,
    'no syscall',
    reply(`["ok",null,null,${JSON.stringify(value)}]`),
  ),
]);

const inItsProcess: readonly WorkerBehaviour[] = [
  ...(['SIGKILL', 'SIGSEGV', 'SIGTERM', 'SIGABRT'] as const).map(signal =>
    death(`ends with ${signal}`, signal, ({ child }) => void child.kill(signal)),
  ),
  death('ends in the middle of a message', 'SIGKILL', ({ say, child }) => {
    say('1000:?["syscall"');
    child.kill('SIGKILL');
  }),
];

/** Time passes only when the behaviour says so. */
const inTime = (silence: VirtualSilence): readonly WorkerBehaviour[] => [
  death('says nothing', 'silent', () => silence.pass(SILENCE)),
  death('stops', 'silent', ({ child }) => {
    child.kill('SIGSTOP');
    silence.pass(SILENCE);
  }),
  death('closes its pipe and lives on', '', ({ close }) => {
    close();
    silence.pass(SILENCE);
  }),
  death('stops in the middle of a message', 'silent', ({ say }) => {
    say('1000:?["syscall"');
    setImmediate(() => silence.pass(SILENCE));
  }),
  {
    name: 'is slow, and answers in the end',
    run: { kind: 'rejected', reason: 'no function' },
    start: fails('no function'),
    possession: ({ pass, say }) => {
      let said = Promise.resolve();
      pass(chunk => {
        said = said.then(async () => {
          for (const byte of chunk) {
            silence.pass(SILENCE - 1);
            say(Buffer.of(byte));
            await new Promise(setImmediate);
          }
        });
      });
    },
  },
];

export const workerBehaviours = (silence: VirtualSilence): readonly WorkerBehaviour[] => [
  ...onTheWire,
  ...inSyscalls,
  ...inNoSyscalls,
  ...inItsProcess,
  ...inTime(silence),
];
