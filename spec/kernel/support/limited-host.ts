/**
 * A host in a process of its own, to be started under limits of the operating system. It asks the vat
 * `alice` of a demo for one method, and panics if she fails. It prints `LimitedOutcome` as JSON.
 */
import '@endo/init/debug.js';
import { makeSwingsetController } from '../../../lib/controller/make-controller.js';
import { openSwingStore } from '../../../lib/store/swing-store.js';

export interface LimitedOutcome {
  /** Codes of the error that stopped the run, and of its causes; empty if nothing did. */
  readonly codes: readonly unknown[];
  readonly exitCode: unknown;
  /** What the kernel warned of. */
  readonly warnings: readonly string[];
}

interface Failure {
  readonly code?: unknown;
  readonly exitCode?: unknown;
  readonly cause?: Failure;
}

const [path = '', method = ''] = process.argv.slice(2);
const quiet = () => undefined;
const warnings: string[] = [];
const warn = (...words: unknown[]): void => {
  warnings.push(words.join(' '));
};
const { kernelStorage, hostStorage } = openSwingStore(path);
const controller = await makeSwingsetController(
  kernelStorage,
  {},
  { console: { log: quiet, info: quiet, warn, error: quiet, debug: quiet } },
);
controller.queueToVatRoot('alice', method, [], 'panic');
const codes: unknown[] = [];
let exitCode: unknown;
try {
  await controller.run();
  await hostStorage.commit();
} catch (error) {
  for (let cause = error as Failure | undefined; cause; cause = cause.cause) {
    if (cause.code !== undefined) codes.push(cause.code);
    exitCode ??= cause.exitCode;
  }
}
await controller.shutdown();
await hostStorage.close();
const outcome: LimitedOutcome = { codes, exitCode, warnings };
console.log(JSON.stringify(outcome));
