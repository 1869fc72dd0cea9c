import { expect } from 'chai';
import { parseCommandLine } from '../../lib/cli/args.js';
import { makeChainPowers } from '../../lib/cli/chain/chain-powers.js';
import { runCommandLine } from '../../lib/cli/commands.js';
import { initializeSwingset } from '../../lib/controller/initialize.js';
import type { ImageProposal } from '../../lib/host/image-proposal.js';
import { NoConfigError } from '../../lib/host/solo-host.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { Bundle } from '../../lib/store/types.js';
import {
  bundleModules,
  bundlePackages,
  rawModule,
} from '../platform/supervisor/support/archives.js';
import { failureOf } from '../support/failure.js';
import { makeTempDir } from '../support/swingset.js';

/** A program that the bundler turns into a file of about so many bytes. */
const text = (name: string, bytes: number): string =>
  `export const ${name} = '${name.repeat(bytes / name.length)}';`;

/** A vat of one own module and of shared ones. */
const vatOf = (own: string, shared: Readonly<Record<string, number>>): Bundle =>
  bundleModules({
    vat: [
      ...Object.keys(shared).map(name => `export * from './${name}.js';`),
      `export const own = '${own}'; export const buildRootObject = () => harden({});`,
    ].join('\n'),
    ...Object.fromEntries(Object.entries(shared).map(([name, bytes]) => [name, text(name, bytes)])),
  });

const idOf = (bundle: Bundle): string => `b1-${String(bundle.endoZipBase64Sha512)}`;

const run = async (home: string, ...options: readonly string[]): Promise<string> => {
  const printed: string[] = [];
  await runCommandLine(parseCommandLine(['epoch', 'images', '--home', home, ...options]), {
    print: line => void printed.push(line),
    warn: line => void printed.push(line),
    now: () => 0,
    clock: () => 0n,
    fail: () => {},
    chain: makeChainPowers('no program'),
    progress: { update: () => undefined, end: () => undefined },
    interruption: () => new AbortController().signal,
  });
  return printed.join('\n');
};

const propose = async (home: string) =>
  JSON.parse(await run(home, '--json')) as ImageProposal & { readonly flags: readonly string[] };

interface Given {
  readonly worker?: 'xsnap' | 'local';
  readonly bundles?: Readonly<Record<string, { readonly bundle: Bundle }>>;
  readonly platform?: 'own' | 'stock';
  readonly imageBundles?: readonly string[];
}

/** A store with these vats, which have not started. A kernel could run on it: it stays open. */
const makeStore = async (
  vats: Readonly<Record<string, Bundle>>,
  { worker = 'xsnap', bundles = {}, platform = 'own', imageBundles }: Given = {},
) => {
  const home = makeTempDir();
  const { kernelStorage, hostStorage } = initSwingStore(home);
  await initializeSwingset(
    {
      defaultManagerType: worker,
      vats: Object.fromEntries(Object.entries(vats).map(([name, bundle]) => [name, { bundle }])),
      bundles,
    },
    [],
    kernelStorage,
    {
      addComms: false,
      addVattp: false,
      addTimer: false,
      platformEpoch: 1,
      platform,
      ...(imageBundles && { imageBundles }),
    },
  );
  await hostStorage.commit();
  return { home, close: () => hostStorage.close() };
};

const library = { first: 30_000, second: 20_000 };
const lone = vatOf('lone', { alone: 90_000 });
const twice = vatOf('twice', library);
const relative = vatOf('relative', library);
const distant = vatOf('distant', { second: 20_000, third: 60_000 });

describe('swingset-kernel epoch images', () => {
  it('proposes the bundles that save most, with what they add and save, on an open store', async () => {
    const contract = vatOf('contract', library);
    const { home, close } = await makeStore(
      { distant, lone, a: twice, b: twice, relative },
      { bundles: { contract: { bundle: contract } } },
    );
    try {
      const { bundles, saving, total, flags, current, others, bad } = await propose(home);
      expect(bundles.map(({ bundleID }) => bundleID)).to.deep.equal([idOf(twice)]);
      const [best] = bundles;
      expect(best!.vats).to.have.length(2);
      expect(best!.sharing, 'relative and distant').to.have.length(2);
      expect(best!.added.modules).to.equal(3);
      expect(best!.saving.modules, 'own 2, first 3, second 4').to.equal(9);
      expect(best!.added.bytes).to.be.within(50_000, 56_000);
      expect(best!.saving.bytes).to.be.within(170_000, 180_000);
      expect(saving).to.deep.equal(best!.saving);
      expect(total.bytes - saving.bytes, 'lone, and the third module').to.be.greaterThan(150_000);
      expect(flags).to.deep.equal([`--image-bundles ${idOf(twice)}`]);
      expect(current).to.deep.equal([]);
      expect(others).to.equal(1);
      expect(bad).to.deep.equal([]);

      const shown = await run(home);
      expect(shown).to.match(/^vats +sharing +adds to the image +saves +known now +bundle$/m);
      expect(shown).to.include(`--epoch <epoch> \\\n    --image-bundles ${idOf(twice)}`);
      expect(shown).to.include('1 other bundle installed');
    } finally {
      await close();
    }
  });

  it('shows what the present image knows, and what a new list would leave out', async () => {
    const { home, close } = await makeStore(
      { a: twice, b: twice, lone },
      { imageBundles: [idOf(twice), idOf(lone)] },
    );
    await close();
    expect((await propose(home)).current).to.deep.equal([idOf(twice), idOf(lone)]);
    const shown = await run(home);
    expect(shown).to.match(new RegExp(` yes +${idOf(twice)}$`, 'm'));
    expect(shown).to.include(`The present image knows ${idOf(lone)}, which this list leaves out.`);
  });

  it('moves the vats of a stock platform to ours', async () => {
    const { home, close } = await makeStore({ a: twice, b: twice }, { platform: 'stock' });
    await close();
    const { flags } = await propose(home);
    expect(flags).to.deep.equal(['--platform own', `--image-bundles ${idOf(twice)}`]);
    expect(() =>
      parseCommandLine(['run', '--home', home, '--epoch', '2', ...flags.join(' ').split(' ')]),
    ).not.to.throw();
  });

  it('proposes nothing where nothing is shared, and nothing for vats that run in the kernel', async () => {
    const apart = await makeStore({ lone });
    await apart.close();
    expect((await propose(apart.home)).flags).to.deep.equal([]);
    expect(await run(apart.home)).to.include('too few share modules for an image to save work');
    const local = await makeStore({ a: twice, b: twice }, { worker: 'local' });
    await local.close();
    expect(await run(local.home)).to.include('No vat runs in xsnap');
  });

  it('names archives that no image can know', async () => {
    const bad = bundlePackages({ program: { './vat.js': rawModule('x => x') } });
    const { home, close } = await makeStore({ a: bad, b: bad });
    await close();
    const [found] = (await propose(home)).bad;
    expect(found?.bundleID).to.equal(idOf(bad));
    expect(await run(home)).to.include(`${idOf(bad)} can't be known: the bundle's archive is bad`);
  });

  it('needs a swingset, and no operands', async () => {
    const home = makeTempDir();
    await initSwingStore(home).hostStorage.close();
    expect(await failureOf(run(home))).to.be.instanceOf(NoConfigError);
    expect(() => parseCommandLine(['epoch', 'images', '--home', home, 'x'])).to.throw(
      'unexpected argument "x"',
    );
    expect(() => parseCommandLine(['epoch'])).to.throw(
      'swingset-kernel epoch needs a command: plan, images',
    );
    const help = parseCommandLine(['epoch', 'images', '--help']);
    expect(help)
      .to.have.property('text')
      .that.includes('swingset-kernel epoch images --home ./store');
  });
});
