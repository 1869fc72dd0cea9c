/**
 * Every vat of the repository makes the same syscalls on both platforms (issue 15), also on images
 * that know its modules: created, upgraded and restarted, and used as `explorer.ts` does.
 * `VATS=text` takes those whose path has the text.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kser, kslot } from '@agoric/kmarshal';
import bundleSource from '@endo/bundle-source';
import { expect } from 'chai';
import type { Bundle } from '../../../lib/store/types.js';
import type { VRef } from '../../../lib/types/ids.js';
import type { CapData, VatSyscallResult } from '../../../lib/types/messages.js';
import { explorer } from './support/explorer.js';
import { expectSameLives } from './support/lives.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const scripts = ['bench', 'examples', 'lib', 'spec'].flatMap(folder =>
  readdirSync(root + folder, { encoding: 'utf8', recursive: true })
    .filter(path => path.endsWith('.js'))
    .map(path => `${folder}/${path}`),
);

/** Modules that hosts run themselves, or that are not whole vats. */
const isVat = (path: string): boolean =>
  !path.includes('node_modules') &&
  /export (const|function|\{[^}]*\b) ?buildRootObject\b/.test(readFileSync(root + path, 'utf8'));

const paths = scripts
  .filter(isVat)
  .filter(path => path.includes(process.env.VATS ?? ''))
  .sort();

/** What the vats take from their parameters. */
const PARAMETERS = {
  argv: ['text', 3],
  bundles: [],
  counter: kslot('o-90', 'Alleged: counter'),
  currency: 'gold',
  does: [],
  fail: false,
  name: 'name',
  price: 5n,
  start: 2n,
  step: 1n,
  till: kslot('o-91', 'Alleged: till'),
  title: 'title',
};

/** Methods that take minutes with arguments of other types. */
const SPARED: Readonly<Record<string, readonly string[]>> = {
  'spec/platform/heaps/vats/hoarder.js': ['name'],
};

const namesIn = (source: string): readonly string[] =>
  [...new Set([...source.matchAll(/\b(?:vats|devices)\.(\w+)/g)].map(([, name]) => name!))].sort();

const nothing: VatSyscallResult = ['ok', kser(undefined) as unknown as CapData<VRef>];

describe('each vat of the repository', () => {
  it('is found', () => {
    expect(paths).to.have.length.greaterThan(process.env.VATS ? 0 : 80);
  });

  for (const path of paths) {
    it(`makes the same syscalls on both platforms: ${path}`, async () => {
      const bundle = (await bundleSource(root + path, {
        format: 'endoZipBase64',
      })) as unknown as Bundle;
      const names = namesIn(readFileSync(root + path, 'utf8'));
      const deliveries = explorer({
        parameters: PARAMETERS,
        names,
        spared: SPARED[path] ?? [],
        objects: 12,
      });
      const { deeds } = await expectSameLives(
        Array.from({ length: 3 }, () => ({ bundle, deliveries })),
        {
          alsoKnown: true,
          meteringLimit: 100_000_000,
          answer: ([type]) => (type === 'callNow' ? nothing : undefined),
        },
      );
      expect(deeds.events.length).to.be.greaterThan(9);
    });
  }
});
