import { expect } from 'chai';
import { kunser } from '@agoric/kmarshal';
import * as store from '@agoric/swing-store';
import * as swingset from '@agoric/swingset-vat';
import * as ours from '../../lib/index.js';
import { ambientWarningsOf } from '../support/ambient-warnings.js';
import { sourceOf } from '../support/swingset.js';

const fixture = (name: string) => ({
  sourceSpec: sourceOf(import.meta.url, `fixtures/${name}.js`),
});
const nothing = () => undefined;
const quiet = { log: nothing, info: nothing, warn: nothing, error: nothing, debug: nothing };
const withoutBuiltins = { addComms: false, addVattp: false, addTimer: false, console: quiet };

const weighing = {
  bootstrap: 'weigher',
  defaultManagerType: 'local',
  vats: { weigher: fixture('weigher') },
  devices: { scales: fixture('device-scales') },
} as const;
const scales = { weigh: (what: string) => `${what}: 3 kg` };

/** What the bootstrap vat gets to know from the device at its bootstrap. */
const weigh = async (controller: ours.SwingsetController) => {
  await controller.run();
  const kpid = controller.queueToVatRoot('weigher', 'weigh', ['stone']);
  await controller.run();
  const { body, slots } = controller.kpResolution(kpid);
  await controller.shutdown();
  return kunser({ body, slots: [...slots] }) as unknown;
};

const textOf = (value: unknown): string => String(value);

/** How many parameters a function declares, those with defaults included. */
const parametersOf = (value: unknown): number => {
  const source = textOf(value);
  const from = source.indexOf('(');
  let depth = 0;
  let commas = 0;
  let end = from;
  for (; end < source.length; end += 1) {
    const letter = source[end]!;
    if ('([{'.includes(letter)) depth += 1;
    if (')]}'.includes(letter)) depth -= 1;
    if (depth === 0) break;
    if (depth === 1 && letter === ',' && !/^,\s*\)/.test(source.slice(end))) commas += 1;
  }
  const isEmpty = source.slice(from + 1, end).trim() === '';
  return isEmpty ? 0 : commas + 1;
};

describe('no argument of a public function', () => {
  it('is ignored that the function of SwingSet and swing-store takes', () => {
    const originals: Record<string, unknown> = { ...store, ...swingset };
    const fewer = Object.entries(ours)
      .filter(([name, own]) => typeof own === 'function' && typeof originals[name] === 'function')
      .filter(([, own]) => !textOf(own).includes('...given'))
      .filter(([name, own]) => parametersOf(own) < parametersOf(originals[name]))
      .map(([name]) => name);
    expect(fewer).to.deep.equal([]);
  });

  it('is ignored: device endowments as the fourth argument, at each boot', async () => {
    const { kernelStorage, hostStorage } = ours.initSwingStore();
    const options = { ...withoutBuiltins, kernelStorage };
    for (let boot = 0; boot < 2; boot += 1) {
      const controller = await ours.buildVatController(weighing, [], options, { scales });
      expect(await weigh(controller)).to.equal('stone: 3 kg');
    }
    await hostStorage.close();
  });

  it('is chosen silently: device endowments in both places', async () => {
    const options = { ...withoutBuiltins, deviceEndowments: { scales } };
    const refusal = await ours.buildVatController(weighing, [], options, { scales }).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    expect(refusal).to.include(
      'options.deviceEndowments.scales: expected endowments in options or',
    );
  });

  const options = { misspelt: 1 } as object;
  const strict = { ...options, strict: true } as object;
  /** SwingSet's functions: they warn, as newer hosts pass options that an older kernel lacks. */
  const warning: readonly [string, (bag: object) => unknown][] = [
    ['loadBasedir', bag => ours.loadBasedir('.', bag)],
    ['loadSwingsetConfigFile', bag => ours.loadSwingsetConfigFile('x', bag)],
    ['computronCounter', bag => ours.computronCounter(1n, bag)],
    ['makeSwingStoreExporter', bag => ours.makeSwingStoreExporter('x', bag)],
    ['openSwingStore', bag => ours.openSwingStore('x', { ...bag, mustExist: true })],
    ['initSwingStore', bag => ours.initSwingStore(null, bag)],
    ['buildVatController', bag => ours.buildVatController({ bootstrap: 'none' }, [], bag)],
  ];
  const outcomeOf = async (call: () => unknown): Promise<string> => {
    try {
      await call();
      return 'not refused';
    } catch (error) {
      return String(error);
    }
  };
  for (const [name, call] of warning) {
    it(`is ignored silently: an unknown option of ${name}`, async () => {
      const warnings = await ambientWarningsOf(async () => {
        expect(await outcomeOf(() => call({ ...options }))).not.to.include('misspelt');
      });
      expect(
        warnings.filter(line => line.includes('options.misspelt: unknown field')),
      ).to.have.length(1);
      if (name === 'computronCounter') return;
      expect(await outcomeOf(() => call(strict))).to.include('misspelt');
    });
  }

  /** Functions that SwingSet does not have. */
  const refusing: readonly [string, () => unknown][] = [
    ['openSoloHost', () => ours.openSoloHost({ home: 'x', misspelt: 1 } as never)],
    [
      'rehearsePlatformEpoch',
      () => ours.rehearsePlatformEpoch('x', { platformEpoch: 1, misspelt: 1 } as never),
    ],
  ];
  for (const [name, call] of refusing) {
    it(`is ignored: an unknown option of ${name}`, async () => {
      expect(await outcomeOf(call)).to.include('misspelt');
    });
  }
});
