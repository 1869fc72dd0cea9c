/** A test's host as if it were a vat: `await EV(presence).method(...)` sends, runs and answers. */
import '../endo-environment/load.js';
import { kunser } from '@agoric/kmarshal';
import type { CapData } from '../types/messages.js';
import type { RunPolicy } from '../types/policies.js';

/** What these tools use of a controller. */
interface DrivenController {
  run(policy?: RunPolicy): Promise<unknown>;
  kpStatus(kpid: string): string;
  kpResolution(kpid: string): CapData;
  queueToVatRoot(
    vat: string,
    method: string | symbol,
    args: unknown[],
    policy?: 'none',
  ): string | undefined;
  queueToVatObject(
    target: unknown,
    method: string | symbol,
    args: unknown[],
    policy?: 'none',
  ): string | undefined;
}

/** Decides the policy of each run. */
export interface RunHarness {
  provideRunPolicy(): RunPolicy | undefined;
}

type Queue = () => unknown;
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test knows what its vats answer
type Answer = any;
type Methods = Readonly<Record<string | symbol, (...args: unknown[]) => Promise<Answer>>>;

/**
 * Each answer must come in the same run: a promise that is unresolved afterwards is an error. While
 * a run is under way, nothing else is queued.
 */
export interface EVProxy {
  /** Methods of an object. */
  (presence: unknown): Methods;
  /** Methods of a static vat's root. */
  vat(name: string): Methods;
  /** Methods of an object whose answers are ignored. */
  sendOnly(presence: unknown): Methods;
  /** Properties of an object; the vat `bootstrap` must have `awaitVatObject` (`bootstrap-relay`). */
  get(presence: unknown): Readonly<Record<string, Promise<Answer>>>;
}

export interface RunUtils {
  /** Queues with `queue`, runs the kernel, and answers what became of the kpid that it returned. */
  readonly queueAndRun: (queue: Queue, ignoreResult?: boolean) => Promise<Answer>;
  readonly EV: EVProxy;
}

/** What the language and consoles ask of any object: a promise, a primitive, a label. */
const RESERVED: readonly unknown[] = ['then', Symbol.toPrimitive, Symbol.toStringTag];

const byName = <T, Name extends string | symbol>(
  make: (name: Name) => T,
): Readonly<Record<Name, T>> =>
  new Proxy(harden({}) as Record<Name, T>, {
    get: (_target, name) => (RESERVED.includes(name) ? undefined : make(name as Name)),
  });

const answerOf = (controller: DrivenController, kpid: string): unknown => {
  const status = controller.kpStatus(kpid);
  if (status === 'fulfilled') return kunser(controller.kpResolution(kpid) as never);
  if (status === 'rejected') throw kunser(controller.kpResolution(kpid) as never);
  throw Error(status === 'unresolved' ? `unsettled value for "${kpid}"` : `${kpid} is ${status}`);
};

export const makeRunUtils = (controller: DrivenController, harness?: RunHarness): RunUtils => {
  let lastTurn: Promise<unknown> = Promise.resolve();

  const queueAndRun = (queue: Queue, ignoreResult = false): Promise<Answer> => {
    const turn = lastTurn.then(async () => {
      const kpid = await queue();
      await controller.run(harness?.provideRunPolicy());
      return ignoreResult ? undefined : answerOf(controller, kpid as string);
    });
    lastTurn = turn.catch(() => undefined);
    return turn;
  };

  const methodsOf = (
    queue: (method: string | symbol, args: unknown[]) => unknown,
    ignoreResult = false,
  ) =>
    byName((method: string | symbol) =>
      harden((...args: unknown[]) => queueAndRun(() => queue(method, args), ignoreResult)),
    );

  const call = (presence: unknown): Methods =>
    methodsOf((method, args) => controller.queueToVatObject(presence, method, args));
  const vat = (name: string): Methods =>
    methodsOf((method, args) => controller.queueToVatRoot(name, method, args));
  const EV: EVProxy = Object.assign(call, {
    vat,
    sendOnly: (presence: unknown) =>
      methodsOf((method, args) => {
        controller.queueToVatObject(presence, method, args, 'none');
      }, true),
    get: (presence: unknown) =>
      byName((property: string): Promise<Answer> =>
        vat('bootstrap').awaitVatObject!(presence, [property]),
      ),
  });
  return harden({ queueAndRun, EV });
};
