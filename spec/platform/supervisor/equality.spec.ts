import { fileURLToPath } from 'node:url';
import bundleSource from '@endo/bundle-source';
import { expect } from 'chai';
import fc from 'fast-check';
import { checkArchive } from '../../../lib/platform/check-archive.js';
import type { Bundle } from '../../../lib/store/types.js';
import type { VatDelivery } from '../../../lib/types/messages.js';
import { bringOutYourDead, call, startVat, vref } from '../../workers/support/fixture.js';
import { bundleModules, bundleOf, esModule, FAR, partsOf, zipOf } from './support/archives.js';
import { expectSameLives } from './support/lives.js';
import { vatLives } from './support/programs.js';

/** More of them: `equality.slow.ts`. */
const QUICK_SHARE = 8;

const POWERS = `${FAR}
export const buildRootObject = vatPowers => {
  const { D, disavow, testLog } = vatPowers;
  const trying = f => { try { return f() ?? 'done'; } catch (e) { return e.name + ': ' + e.message; } };
  const hear = p => p.then(x => testLog('heard', x), e => testLog('refused', e.message));
  return Far('root', {
    device: device => trying(() => D(device).ask('question', 1n)),
    disavow: thing => trying(() => disavow(thing)),
    use: thing => hear(HandledPromise.applyMethod(thing, 'use', ['argument'])),
    log: () => testLog('text', 7, undefined, [1n, 'x'.repeat(50)], { a: 'short' }, null),
    nested: () => {
      console.log({ get nested() { console.warn('within'); return 1; } }, Error('one'), 'two');
    },
    setGlobals: () => trying(() => { globalThis.print = 1; }),
  });
};`;

const withSlot = (method: string, kind: string, slot: string, result: string): VatDelivery => [
  'message',
  vref('o+0'),
  {
    methargs: { body: `#["${method}",["$0${kind}"]]`, slots: [vref(slot)] },
    result: vref(result),
  },
];

describe('our supervisor and the stock one', () => {
  it('make the same syscalls with random vats, through upgrades and bringOutYourDead', async () => {
    await fc.assert(
      fc.asyncProperty(vatLives, async lives => {
        await expectSameLives(lives, { alsoKnown: true });
      }),
      { seed: 15, numRuns: QUICK_SHARE, endOnFailure: true },
    );
  });

  it('make the same syscalls with a vat of many packages, for ever fewer computrons', async () => {
    const path = fileURLToPath(new URL('../../../bench/vats/contract.js', import.meta.url));
    const bundle = (await bundleSource(path, { format: 'endoZipBase64' })) as unknown as Bundle;
    const { stock, own, known } = await expectSameLives(
      [
        { bundle, deliveries: [startVat(), call('fill', [3]), bringOutYourDead] },
        { bundle, deliveries: [startVat(), call('total'), bringOutYourDead] },
      ],
      { alsoKnown: true },
    );
    expect(own.computrons[0]).to.be.lessThan((stock.computrons[0] ?? 0) / 8);
    expect(known?.computrons[0]).to.be.lessThan((own.computrons[0] ?? 0) * 0.8);
  });

  it('give a vat the same powers, outputs and errors of the kernel', async () => {
    const deliveries: VatDelivery[] = [
      startVat(),
      withSlot('device', '', 'd-70', 'p-60'),
      withSlot('use', '.Alleged: thing', 'o-50', 'p-61'),
      ['notify', [[vref('p+5'), true, { body: '#{"#error":"no","name":"Error"}', slots: [] }]]],
      withSlot('disavow', '.Alleged: thing', 'o-50', 'p-62'),
      withSlot('use', '.Alleged: thing', 'o-50', 'p-63'),
      ...['log', 'nested', 'setGlobals'].map((method, n) => call(method, [], vref(`p-7${n}`))),
      bringOutYourDead,
    ];
    const lives = [{ bundle: bundleModules({ vat: POWERS }), deliveries }];
    for (const enableDisavow of [true, false]) {
      // The kernel's refusal of any other syscall undoes the crank; ours hears of it late.
      for (const refused of ['none', 'callNow', 'vatstoreGet', 'vatstoreGetNextKey']) {
        await expectSameLives(lives, {
          enableDisavow,
          answer: ([type]) => {
            if (type === refused) return ['error', `${type} is refused`];
            return type === 'callNow' ? ['ok', { body: '#"answer"', slots: [] }] : undefined;
          },
        });
      }
    }
  });

  it('fail a delivery that takes too many computrons', async () => {
    const vat = `${FAR}export const buildRootObject = () => Far('root', { spin: () => { for (;;); } });`;
    const lives = [
      { bundle: bundleModules({ vat }), deliveries: [startVat(), call('spin'), call('spin')] },
    ];
    const { deeds } = await expectSameLives(lives, { meteringLimit: 10_000_000 });
    expect(deeds.events.at(-1)).to.have.property('0', 'error');
  });

  it('load modules in a later delivery, also by a second name, and keep the archive until then', async () => {
    const lazy = esModule(`export const value = typeof VatData; export default import.meta;`);
    const vat = `${FAR}export const buildRootObject = () => Far('root', {
      load: async name => {
        const load = { lazy: () => import('./lazy.js'), twin: () => import('./twin.js') };
        const namespace = await load[name]();
        return harden([namespace.value, Object.keys(namespace).join()]);
      },
    });`;
    const { map, files } = partsOf({ program: { './vat.js': esModule(vat), './lazy.js': lazy } });
    const modules = (map as { compartments: Record<string, { modules: Record<string, object> }> })
      .compartments['program-v1.0.0']!.modules;
    modules['./twin.js'] = { ...modules['./lazy.js'] };
    const { zip, mapBytes } = zipOf({ map, files });
    const bundle = bundleOf(zip, mapBytes);
    checkArchive(bundle);
    const loads = ['lazy', 'twin', 'lazy'].map((name, n) => call('load', [name], vref(`p-6${n}`)));
    const { deeds } = await expectSameLives(
      [{ bundle, deliveries: [startVat(), bringOutYourDead, ...loads] }],
      { alsoKnown: true },
    );
    expect(JSON.stringify(deeds).match(/object\\+",\\+"default,value/g)).to.have.length(3);
  });
});
