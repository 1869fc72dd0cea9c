import { expect } from 'chai';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { makeCallbackListener } from '../../lib/controller/slog-callbacks.js';
import type { SlogCallback } from '../../lib/controller/slog-callback-types.js';
import { silent } from './support.js';
import { startDemo } from '../kernel/support/demo.js';

type Args = readonly unknown[];
type Ending = (...results: unknown[]) => unknown;

/** Records the calls of hooks, and of the ends that they return. */
const recordHooks = () => {
  const begun: [string, Args][] = [];
  const ended: [string, Args, Args][] = [];
  const hook: SlogCallback = (method, args, ending) => {
    begun.push([method, args]);
    if (typeof ending !== 'function') return ending;
    return (...results: unknown[]) => {
      ended.push([method, args, results]);
      return (ending as Ending)(...results);
    };
  };
  return { begun, ended, hook };
};

describe('slogCallbacks', () => {
  it('hear of startups, deliveries, syscalls, c-lists and consoles', async () => {
    const { begun, ended, hook } = recordHooks();
    const lines: unknown[][] = [];
    const vatConsole: SlogCallback = (_method, [vatID]) => ({
      log: (source: string, ...args: unknown[]) => void lines.push([vatID, source, ...args]),
    });
    const life = await startDemo('local', {
      slogCallbacks: {
        ...{ startup: hook, delivery: hook, syscall: hook, changeCList: hook },
        ...{ provideVatSlogger: hook, terminateVat: hook, vatConsole },
      },
    });
    const bob = life.controller.vatNameToID('bob');
    const forBob = <T extends readonly [string, Args, ...unknown[]]>(all: readonly T[]) =>
      all.filter(([, [vatID]]) => vatID === bob);
    expect(forBob(begun).map(([method]) => method)).to.include.members([
      ...['provideVatSlogger', 'startup', 'delivery', 'syscall'],
    ]);
    const [, change = []] = begun.find(([method]) => method === 'changeCList') ?? [];
    expect(change.map(String).join(' ')).to.match(
      /^v\d+ \d+ (import|export|drop) k[opd]\d+ [opd][+-]\d+$/,
    );
    const [created] = forBob(begun);
    expect(created).to.deep.include.members(['provideVatSlogger']);
    expect(created?.[1].slice(0, 2)).to.deep.equal([bob, false]);
    expect(created?.[1][3]).to.equal('bob');

    const deliveries = forBob(ended).filter(([method]) => method === 'delivery');
    const [[, args, results] = expect.fail('no delivery')] = deliveries;
    const [, crankNum, deliveryNum, kd, vd, replay] = args;
    expect([typeof crankNum, typeof deliveryNum, replay]).to.deep.equal([
      ...['bigint', 'bigint', false],
    ]);
    expect((kd as Args)[0]).to.equal('startVat');
    expect((vd as Args)[0]).to.equal('startVat');
    expect((results[0] as Args)[0]).to.equal('ok');
    expect(forBob(ended).filter(([method]) => method === 'startup')).to.have.length(1);

    const [[, call, answers] = expect.fail('no syscall')] = forBob(ended).filter(
      ([method]) => method === 'syscall',
    );
    expect(call).to.have.length(3);
    expect(answers).to.have.length(2);
    expect((answers[1] as Args)[0]).to.equal('ok');
    expect(begun.filter(([method]) => method === 'delivery')).to.have.length(
      ended.filter(([method]) => method === 'delivery').length,
    );
    expect(
      lines.every(([vatID, source]) => /^v\d+$/.test(String(vatID)) && source === 'vat'),
    ).to.equal(true);
  });

  const vatID = 'v7';

  it("may replace a vat's console, made once", () => {
    const printed: unknown[][] = [];
    const own = { ...silent, warn: (...args: unknown[]) => void printed.push(['own', ...args]) };
    let made = 0;
    const vatConsole: SlogCallback = (_method, [id], original) => {
      made += 1;
      const { warn } = original as { warn: Ending };
      return {
        warn: (source: string, ...args: unknown[]) => warn(source, id, ...args),
        log: () => {
          throw Error('full');
        },
      };
    };
    const { printLine } = makeCallbackListener({ vatConsole }, own);
    printLine?.(vatID as never, 'vat', 'warn', ['careful']);
    printLine?.(vatID as never, 'liveslots', 'log', ['lost']);
    printLine?.(vatID as never, 'vat', 'warn', ['\u001b[2J']);
    expect(printed).to.deep.equal([
      ['own', 'v7', 'careful'],
      ['own', 'v7', '\\u001b[2J'],
    ]);
    expect(made).to.equal(1);
    expect(makeCallbackListener({}, own).printLine).to.equal(undefined);
  });

  it('harm nobody when they fail, and warn once', () => {
    const warnings: unknown[] = [];
    const log = { ...silent, warn: (line: unknown) => void warnings.push(line) };
    const fail = () => {
      throw Error('bug');
    };
    const { listener, printLine } = makeCallbackListener(
      { startup: fail, delivery: () => fail, syscall: () => 'no function', vatConsole: fail },
      log,
    );
    const deliver = { type: 'deliver', vatID, crankNum: 1, deliveryNum: 2 };
    for (let round = 0; round < 2; round += 1) {
      listener({ type: 'vat-startup-start', vatID });
      listener({ type: 'vat-startup-finish', vatID });
      listener(deliver);
      listener({ type: 'syscall', vatID });
      listener({ type: 'syscall-result', vatID });
      listener({ type: 'deliver-result', vatID });
      printLine?.(vatID as never, 'vat', 'log', ['x']);
    }
    expect(warnings).to.deep.equal(
      [
        'slogCallbacks.startup',
        'the function that slogCallbacks.delivery returned',
        'slogCallbacks.vatConsole',
      ].map(what => `${what} failed. The kernel continues, and does not repeat this warning:`),
    );
  });

  it('harm nobody when they reject', async () => {
    const warnings: unknown[] = [];
    const log = { ...silent, warn: (line: unknown) => void warnings.push(line) };
    const reject = async () => {
      throw Error('bug');
    };
    const { listener } = makeCallbackListener({ startup: reject, delivery: () => reject }, log);
    listener({ type: 'vat-startup-start', vatID });
    listener({ type: 'deliver', vatID, crankNum: 1, deliveryNum: 2 });
    listener({ type: 'deliver-result', vatID });
    await new Promise(setImmediate);
    expect(warnings).to.deep.equal(
      ['slogCallbacks.startup', 'the function that slogCallbacks.delivery returned'].map(
        what => `${what} failed. The kernel continues, and does not repeat this warning:`,
      ),
    );
  });

  it('tell of the end of a vat', () => {
    const { begun, hook } = recordHooks();
    const { listener } = makeCallbackListener({ terminateVat: hook }, silent);
    listener({ type: 'terminate', vatID, shouldReject: true, info: 'why' });
    listener({ type: 'clist', vatID, crankNum: 3 });
    expect(begun).to.deep.equal([['terminateVat', [vatID, true, 'why']]]);
  });
});

describe('options without effect', () => {
  it('are accepted with a warning each, if they ask for something', async () => {
    const life = await startDemo('local');
    await life.controller.shutdown();
    const boot = async (options: object) => {
      const warnings: string[] = [];
      const warn = (line: unknown) => void warnings.push(String(line));
      const console = { ...silent, warn };
      const controller = await makeSwingsetController(
        life.kernelStorage,
        {},
        { ...options, console },
      );
      await controller.shutdown();
      return warnings.filter(line => line.includes('has no effect'));
    };
    const inert = {
      bundleHandler: { getCurrentBundleIDs: () => [], getBundle: () => ({}) },
      xsnapBundleData: { getLockdownBundle: () => ({}) },
      overrideVatManagerOptions: { critical: true },
      profileVats: ['v1'],
      debugVats: ['v1'],
      env: { XSNAP_DEBUG: '1', XSNAP_TEST_RECORD: '/tmp', PATH: '/bin' },
    };
    expect((await boot(inert)).map(line => line.split(': ')[0])).to.deep.equal(
      [
        ...['bundleHandler', 'xsnapBundleData', 'overrideVatManagerOptions', 'profileVats'],
        ...['debugVats', 'env.XSNAP_DEBUG', 'env.XSNAP_TEST_RECORD'],
      ].map(name => `runtimeOptions.${name}`),
    );
    const empty = { profileVats: [], debugVats: [], overrideVatManagerOptions: {}, env: {} };
    const silentOnes = { kernelBundle: {}, testTrackDecref: true };
    expect(await boot({ ...empty, ...silentOnes })).to.deep.equal([]);
  });
});
