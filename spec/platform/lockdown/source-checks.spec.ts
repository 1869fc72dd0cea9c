import { readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { editSource } from '../../../lib/bundling/source-edits.js';
import { packageDirectory } from '../../../lib/package-paths.js';
import { STOCK } from '../../../lib/platform/choices.js';
import { loadPlatform } from '../../../lib/platform/load-platform.js';
import { LOCKDOWN_EDITS } from '../../../lib/platform/lockdown/edits.js';
import { buildOwnBundle } from '../../../lib/platform/own-bundle.js';
import { OWN_SOURCES } from '../../../lib/platform/own-sources.js';
import { failureOf } from '../../support/failure.js';
import { compareChecks } from './support/compare.js';
import { modulesOf, modulesOfVats } from './support/modules.js';
import { everyCharacter, generateSources } from './support/sources.js';
import {
  compareInWorker,
  loadSpoiled,
  loadTransforms,
  type BothTransforms,
} from './support/transforms.js';

const IN_NODE = 100_000;
const IN_XS = 3000;

/** Vats of the kernel, a contract, and vats of specs: what they import is in most bundles. */
const VATS = [
  ...['lib/vats/vat-admin/vat-vat-admin.js', 'lib/vats/timer/vat-timer.js'],
  ...['lib/vats/comms/vat-comms.js', 'lib/vats/vattp/vat-vattp.js'],
  ...['bench/vats/contract.js', 'spec/kernel/vats/hoarder.js'],
].map(path => join(packageDirectory, path));

const some = (seed: number, count: number, modules: readonly string[]): readonly string[] => {
  const sources = generateSources(seed, modules);
  return Array.from({ length: count }, () => sources.next().value as string);
};

/** Programs that every parser of ECMAScript must take, refuse, or refuse early. */
const readTestPrograms = async (): Promise<readonly string[]> => {
  const folder = dirname(fileURLToPath(import.meta.resolve('test262-parser-tests/package.json')));
  const programs: string[] = [];
  for (const kind of ['pass', 'pass-explicit', 'fail', 'early']) {
    for (const name of (await readdir(join(folder, kind))).sort()) {
      programs.push(await readFile(join(folder, kind, name), 'utf8'));
    }
  }
  return programs;
};

/** `npm run fuzz:lockdown` compares millions. */
describe('the source checks of our lockdown, beside those of ses', () => {
  let both: BothTransforms;
  let modules: readonly string[];
  before(async () => {
    both = await loadTransforms();
    const platforms = [...(await loadPlatform(STOCK)).bundles];
    for (const source of OWN_SOURCES) platforms.push(await buildOwnBundle(source));
    modules = [...new Set([...platforms.flatMap(modulesOf), ...(await modulesOfVats(VATS))])];
  });

  it('treat the modules of vats and platforms alike', () => {
    expect(modules.length).to.be.greaterThan(300);
    expect(compareChecks(both.stock, both.ours, modules).differing).to.deep.equal([]);
  });

  it('treat every character alike that languages have for space, and many others', () => {
    for (const [first, end] of [
      [0, 0x3100],
      [0xd7f0, 0xe010],
      [0xfe00, 0x10000],
    ] as const) {
      const sources = [...everyCharacter(first, end)];
      const { differing, refused } = compareChecks(both.stock, both.ours, sources);
      expect(refused).to.be.greaterThan(0);
      expect(differing).to.deep.equal([]);
    }
  });

  it('treat the programs of test262-parser-tests alike, in XS as well', async () => {
    const programs = await readTestPrograms();
    expect(programs.length).to.be.greaterThan(5000);
    const { differing, refused } = compareChecks(both.stock, both.ours, programs);
    expect(refused).to.be.greaterThan(0);
    expect(differing).to.deep.equal([]);
    const inWorker = await compareInWorker(programs);
    expect(inWorker).to.deep.include({ refused, differing: [] });
  });

  it('treat generated and mutated sources alike', () => {
    const { differing, refused } = compareChecks(both.stock, both.ours, some(1, IN_NODE, modules));
    expect(refused).to.be.within(IN_NODE / 10, IN_NODE / 2);
    expect(differing).to.deep.equal([]);
  });

  it('treat them alike in XS as well, which has other strings and expressions', async () => {
    const sources = [
      ...modules,
      ...everyCharacter(0, 0x100),
      ...everyCharacter(0x1ff0, 0x2030),
      ...some(2, IN_XS, modules),
    ];
    const { differing, refused } = await compareInWorker(sources);
    expect(refused).to.be.greaterThan(sources.length / 10);
    expect(differing).to.deep.equal([]);
  });

  for (const [what, from, to] of [
    ['takes a comment for harmless', ` && char !== '/'`, ''],
    ['takes a parenthesis for harmless', `char !== '('`, 'true'],
    ['takes all space for harmless', `char >= '!'`, `char >= '\\0'`],
    ['takes all other characters for harmless', `char <= '~'`, 'true'],
    [
      'looks at the first occurrence only',
      `return false;\n  }\n  return true`,
      `return false; break;\n  }\n  return true`,
    ],
    ['forgets one of the two comments', `!stringIncludes(src, '--' + '>')`, 'true'],
    [
      'takes the text after two spaces for harmless',
      `next === ' ' || next`,
      `piece[1] === ' ' ? 'a' : next === ' ' || next`,
    ],
  ] as const) {
    it(`would differ under a filter that ${what}`, async () => {
      const spoiled = await loadSpoiled(from, to);
      const { differing } = compareChecks(both.stock, spoiled, some(3, 20_000, modules));
      expect(differing).not.to.deep.equal([]);
    });
  }

  it('are not built from another version of ses', async () => {
    for (const edit of LOCKDOWN_EDITS) {
      const path = join(packageDirectory, edit.module);
      const text = await readFile(path, 'utf8');
      expect(editSource(path, text, [edit])).not.to.equal(text);
      for (const [other, occurrences] of [
        [text.replace(edit.from, ''), 0],
        [text + edit.from, 2],
      ] as const) {
        const failure = await failureOf((async () => editSource(path, other, [edit]))());
        expect(failure).to.include({
          code: 'SOURCE_EDIT_MISMATCH',
          piece: edit.piece,
          occurrences,
        });
      }
    }
  });
});
