import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageDirectory } from '../../../lib/package-paths.js';
import { OWN, STOCK } from '../../../lib/platform/choices.js';
import { loadPlatform } from '../../../lib/platform/load-platform.js';
import { lockdownSource } from '../../../lib/platform/lockdown/lockdown.js';
import { makeNodeWorkerPowers } from '../../../lib/platform/node-powers.js';
import { buildOwnBundle } from '../../../lib/platform/own-bundle.js';
import { makePlatformImage } from '../../../lib/platform/platform-image.js';
import { bundleOf } from '../../support/shared-bundles.js';
import { census, PROBES } from './support/probes.js';
import { startProber, type Prober } from './support/probing.js';
import { runVat } from './support/vat-run.js';

/** `RECORD_PROBES=1` writes what the stock platform answers. */
const recorded = new URL('answers.json', import.meta.url);

/** Where our `ses` differs from the older one that the stock lockdown was built with. */
const NEWER_SES =
  /Symbol\(harden\)|^\.harden|^generator\.prototype\.proto\.Symbol\(Symbol\.iterator\)/;

/** The same `ses` without our edits, so that only these can make a difference. */
const unedited = { name: lockdownSource.name, entry: lockdownSource.entry };

describe('isolation on the stock platform and on ours', () => {
  const images = new Map<string, Uint8Array>();
  const probers = new Map<string, Prober>();
  let answers: Readonly<Record<string, unknown>>;

  before(async () => {
    const [lockdown, supervisor] = (await loadPlatform(STOCK)).bundles;
    const own = await loadPlatform(OWN);
    for (const [name, pair] of [
      ['stock', [lockdown, supervisor]],
      ['unedited', [await buildOwnBundle(unedited), supervisor]],
      ['ours', [own.bundles[0], supervisor]],
      ['ours with our supervisor', own.bundles],
    ] as const) {
      const bundles = { scripts: pair, known: [] };
      const image = await makePlatformImage(bundles, makeNodeWorkerPowers());
      images.set(name, image);
      probers.set(name, await startProber(image));
    }
    probers.set(
      'ours, knowing the probes',
      await startProber(images.get('ours')!, 'knowing the probes'),
    );
    if (process.env.RECORD_PROBES === '1') {
      const made: Record<string, unknown> = {};
      for (const probe of PROBES) made[probe.title] = await probers.get('stock')!.probe(probe);
      await writeFile(recorded, `${JSON.stringify(made, null, 2)}\n`);
    }
    answers = JSON.parse(await readFile(recorded, 'utf8')) as typeof answers;
  });
  after(async () => Promise.all([...probers.values()].map(prober => prober.stop())));

  for (const probe of PROBES) {
    it(`${probe.title}`, async () => {
      expect(answers[probe.title]).to.be.an('array').that.is.not.empty;
      for (const [name, prober] of probers) {
        expect(await prober.probe(probe), name).to.deep.equal(answers[probe.title]);
      }
    });
  }

  it('is tried with known modules, too', () => {
    const known = probers.get('ours, knowing the probes')!.known;
    expect(known.filter(Boolean).length).to.be.greaterThan(known.length * 0.75);
    expect(known.filter(each => !each)).to.not.be.empty;
  });

  it('has the same frozen objects within reach', async () => {
    const reached = new Map<string, readonly string[]>();
    for (const [name, prober] of probers) {
      const [lines, raw] = await prober.probe({ modules: census });
      expect(raw).to.equal(true);
      reached.set(name, String(lines).split('\n'));
    }
    const [stock = [], same = [], ours = []] = ['stock', 'unedited', 'ours'].map(name =>
      reached.get(name),
    );
    expect(ours.length).to.be.greaterThan(2000);
    expect(ours).to.deep.equal(same);
    const isCommon = (line: string): boolean => !NEWER_SES.test(line);
    expect(ours.filter(isCommon)).to.have.members(stock.filter(isCommon));
    const changeable = ours.filter(line => /^[^,]*,(object|function),false,/.test(line));
    expect(changeable).to.deep.equal([',object,false,']);
  });

  it('ends a worker whose program takes all of its stack', async () => {
    for (const [name, image] of images) {
      const prober = await startProber(image);
      expect(await prober.overflow(), name).to.deep.equal({ kind: 'exit', code: 12 });
    }
  });

  it('makes the same syscalls for a vat, for fewer computrons', async () => {
    const bundle = await bundleOf(join(packageDirectory, 'bench/vats/contract.js'));
    const stock = await runVat(images.get('stock')!, bundle);
    const ours = await runVat(images.get('ours')!, bundle);
    expect(ours.replies).to.deep.equal(stock.replies);
    expect(ours.syscalls).to.deep.equal(stock.syscalls);
    expect(ours.syscalls.length).to.be.greaterThan(10);
    expect(ours.computrons).to.be.lessThan(stock.computrons * 0.75);
  });
});
