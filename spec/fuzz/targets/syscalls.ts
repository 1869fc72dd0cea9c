/**
 * The syscalls of a vat that keeps to no rules. The real kernel and its tables, and two vats that
 * are functions: mallory makes the syscalls of the input, and bob only answers.
 */
import '../without-mocha.js';
import type { KernelParts } from '../../../lib/kernel/types.js';
import { kslot } from '../../../lib/kernel/delivery/kmarshal.js';
import { checkKernelState } from '../../../lib/state/check-kernel-state.js';
import type { VatSyscall } from '../../../lib/types/messages.js';
import { startScripted, type Code, type ScriptedKernel } from '../../support/scripted-kernel.js';
import { codeOf, Finding, insist } from '../oracle.js';
import { ACCEPTED, type Input, type Session, type Target } from '../target.js';
import { runHooks } from '../without-mocha.js';

const data = (body: string, ...slots: string[]) => ({ body, slots });
const send = (target: string, body: string, slots: string[] = [], result?: string): Input => [
  'send',
  target,
  { methargs: data(body, ...slots), ...(result !== undefined && { result }) },
];
const call = (...args: string[]): string => `#["hi",[${args.join()}]]`;

/** Mallory's: bob's root, and the promise for the result of each message. */
const BOB = 'o-50';

/** Syscalls of the first message, and of the second. */
const corpus: readonly Input[] = [
  [[], []],
  [[send(BOB, call())], [send(BOB, call())]],
  [[send(BOB, call('"$0.Alleged: x"'), ['o+1'], 'p+5'), ['subscribe', 'p+5']], []],
  [[send(BOB, call('"$0"', '"$0"'), ['o+1'])], [['vatstoreGet', 'x']]],
  [[send(BOB, call('"&0"'), ['p+5'], 'p+6')], [['resolve', [['p+5', false, data('#"x"')]]]]],
  [[['resolve', [['p-60', true, data('#"no"')]]]], [['resolve', [['p-61', false, data('#1')]]]]],
  [
    [
      ['vatstoreSet', 'a', '1'],
      ['vatstoreGetNextKey', ''],
      ['vatstoreGet', 'a'],
    ],
    [],
  ],
  [
    [
      ['vatstoreSet', 'a.b', '{}'],
      ['vatstoreDelete', 'a.b'],
      ['vatstoreGetNextKey', 'a'],
    ],
    [],
  ],
  [
    [
      ['dropImports', [BOB]],
      ['retireImports', [BOB]],
    ],
    [],
  ],
  [[send(BOB, call('"$0"'), ['o+7'])], [['abandonExports', ['o+7']]]],
  [[], [['exit', false, data('#"bye"')]]],
  [
    [send(BOB, call('{"a":["$0.Alleged: x","&1"]}'), ['o+8', 'p+9'], 'p+10')],
    [
      ['resolve', [['p+9', false, data('#"$0"', 'o+8')]]],
      ['exit', true, data('#"oops"')],
    ],
  ],
];

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const bob: Code = ({ delivery, syscall }) => {
  if (delivery[0] !== 'message' || !delivery[2].result) return;
  syscall(['resolve', [[delivery[2].result, false, data('#"hello"')]]] as unknown as VatSyscall);
};

const inconsistencies = ({ kernelStorage }: ScriptedKernel): string =>
  checkKernelState(kernelStorage, { hostHeld: 'unknown' })
    .filter(({ problem }) => !problem.startsWith('the bundleStore lacks '))
    .map(finding => JSON.stringify(finding))
    .join();

const isAlive = ({ lifecycle }: KernelParts, name: string): boolean =>
  lifecycle.state.vats.findByName(name) !== undefined;

/** Bob's answer to the host. */
const askBob = async ({ kernel }: ScriptedKernel): Promise<string> => {
  const kpid = kernel.queueToVatRoot('bob', 'hi');
  await kernel.run();
  return kernel.kpStatus(kpid);
};

const attempt = async (input: Input): Promise<string> => {
  const turns = isList(input) ? input : [input];
  let turn = 0;
  let isRefused = false;
  const mallory: Code = ({ delivery, syscall }) => {
    if (delivery[0] !== 'message') return;
    const syscalls = turns[turn];
    turn += 1;
    for (const each of isList(syscalls) ? syscalls : [syscalls]) {
      const result: unknown = syscall(each as VatSyscall);
      insist(isList(result) && result.length === 2, 'a syscall without a result');
      isRefused ||= (result as readonly unknown[])[0] === 'error';
    }
  };
  const scripted = await startScripted({
    vats: { vatAdmin: {}, mallory: { code: mallory }, bob: { code: bob } },
    checkAtEnd: false,
  });
  const { kernel } = scripted;
  await kernel.run();
  const root = kslot(kernel.getRootObject(scripted.idOf('bob')));
  for (let count = 0; count < 2 && isAlive(scripted.parts, 'mallory'); count += 1) {
    kernel.queueToVatRoot('mallory', 'go', [root], 'ignore');
    await kernel.run();
  }
  const found = inconsistencies(scripted);
  insist(found === '', `the tables contradict each other: ${found}`);
  insist((await askBob(scripted)) === 'fulfilled', 'another vat does not answer any more');
  await kernel.shutdown();
  if (!isRefused) return ACCEPTED;
  insist(!isAlive(scripted.parts, 'mallory'), 'a vat lives on after an illegal syscall');
  return 'ILLEGAL_SYSCALL';
};

const start = async (): Promise<Session> => ({
  corpus,
  attempt: async input => {
    try {
      return await attempt(input);
    } catch (error) {
      if (error instanceof Finding) throw error;
      // Mallory is not critical, so nothing that it does may stop the kernel.
      throw new Finding(`the kernel stopped: ${codeOf(error)}`, { cause: error });
    } finally {
      await runHooks();
    }
  },
  end: runHooks,
});

export const syscalls: Target = {
  name: 'syscalls',
  what: 'the kernel, as syscalls of a vat',
  words: [
    ...['send', 'callNow', 'subscribe', 'resolve', 'exit', 'vatstoreGet', 'vatstoreGetNextKey'],
    ...['vatstoreSet', 'vatstoreDelete', 'dropImports', 'retireImports', 'retireExports'],
    ...[
      'abandonExports',
      'o+0',
      'o-50',
      'o-51',
      'o+1',
      'o+d1/1',
      'o+v1/1:0',
      'p-60',
      'p-61',
      'p+5',
    ],
    ...['d-70', 'd+1', 'ko20', 'kp40', 'kd30', 'r0', '#"$0"', '#"&0"', '#["hi",[]]', 'p-0', 'o-0'],
    ...['vom.dkind.nextID', 'methargs', 'slots', 'body', 'result', 'o+18446744073709551616'],
  ],
  start,
};
