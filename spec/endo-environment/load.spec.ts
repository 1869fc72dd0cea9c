import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a module in a process of its own; gives what it writes. */
const run = (source: string, env: Record<string, string>): string => {
  const args = ['--import', 'tsx/esm', '--input-type=module', '-e', source];
  const options = { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } } as const;
  const { stdout, stderr } = spawnSync(process.execPath, args, options);
  return stdout || stderr;
};

const strict = { ONLY_WELL_FORMED_STRINGS_PASSABLE: 'enabled' };
const otherOrder = { ENDO_RANK_STRINGS: 'unicode-code-point-order' };

describe('variables of endo in the environment', () => {
  for (const env of [{}, strict, otherOrder]) {
    it(`decide nothing: ${JSON.stringify(env)}`, () => {
      const source = `
        import '@endo/init/debug.js';
        import './lib/endo-environment/load.ts';
        import { assertDefaultEnvironment } from './lib/endo-environment/load.ts';
        import { kser } from '@agoric/kmarshal';
        assertDefaultEnvironment();
        const [name = 'PATH'] = ${JSON.stringify(Object.keys(env))};
        console.log(JSON.stringify([kser('a\\ud800b').body, process.env[name] === undefined]));`;
      expect(JSON.parse(run(source, env))).to.deep.equal(['#"a\\ud800b"', false]);
    });
  }

  for (const env of [strict, otherOrder]) {
    it(`stop a host that let them decide: ${JSON.stringify(env)}`, () => {
      const source = `
        import '@endo/init/debug.js';
        import '@endo/marshal';
        import { assertDefaultEnvironment } from './lib/endo-environment/load.ts';
        try { assertDefaultEnvironment(); } catch (error) { console.log(error.code); }`;
      expect(run(source, env).trim()).to.equal('ENVIRONMENT');
    });
  }
});
