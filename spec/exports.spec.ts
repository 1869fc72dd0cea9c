import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import * as chain from '../lib/chain.js';
import * as api from '../lib/index.js';
import * as testing from '../lib/testing/testing.js';

const lib = fileURLToPath(new URL('../lib', import.meta.url));

/** Errors that no host can catch, and why. */
const internal = [
  // Ends the vat that asked; its holders get the reason as data.
  'IllegalSyscallError',
  // Of a worker ahead of its turn: the vat then runs in its turn.
  'RanAheadError',
  // Of readers that only the command line and the inspector call.
  'ReplayImpossibleError',
  'SlogFormatError',
  'SlogReadError',
  // Of the inspector's page, in a browser.
  'AnswerError',
];

const errorClasses = (): string[] =>
  readdirSync(lib, { recursive: true, encoding: 'utf8' })
    // What the command line throws, it prints.
    .filter(path => path.endsWith('.ts') && !path.startsWith('cli'))
    .flatMap(path => {
      const source = readFileSync(join(lib, path), 'utf8');
      return [...source.matchAll(/^export (?:abstract )?class (\w+Error) extends/gm)].flatMap(
        ([, name]) => name ?? [],
      );
    })
    .sort();

describe('the public API', () => {
  it('exports every error class, so that hosts can tell them apart', () => {
    const classes = errorClasses();
    expect(classes).to.include.members(['SwingsetError', 'RestartFailedError', ...internal]);
    const exported = { ...api, ...chain, ...testing };
    expect(classes.filter(name => !internal.includes(name) && !(name in exported))).to.deep.equal(
      [],
    );
    expect(internal.filter(name => name in api)).to.deep.equal([]);
  });
});
