import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { OWN } from '../../../lib/platform/choices.js';
import { loadPlatform } from '../../../lib/platform/load-platform.js';
import { makeNodeWorkerPowers } from '../../../lib/platform/node-powers.js';
import { startXsnapProcess, type XsnapProcess } from '../../../lib/platform/xsnap-process.js';

const script = new URL('support/known-modules.js', import.meta.url);

describe('modules that are compiled ahead', () => {
  const found: Record<string, unknown> = {};
  let worker: XsnapProcess;

  before(async () => {
    worker = startXsnapProcess({
      powers: makeNodeWorkerPowers(),
      name: 'known-modules',
      meteringLimit: 0,
      handleCommand: request => {
        const [title, value] = JSON.parse(request.toString()) as [string, unknown];
        found[title] = value;
        return '';
      },
    });
    const [lockdown] = (await loadPlatform(OWN)).bundles;
    await worker.evaluate(`(${String(lockdown.source)}\n)()`);
    await worker.evaluate(await readFile(script, 'utf8'));
  });
  after(async () => worker.kill());

  it('are single expressions that begin with a parenthesis', () => {
    expect(found.accepted).to.deep.equal([]);
  });

  it('are no programs that close what surrounds them, and none that ses refuses', () => {
    expect(found['accepted by mistake']).to.deep.equal([]);
    expect(found['ran while it was compiled']).to.equal('undefined');
  });

  it('have template objects of their own in each evaluation, however many were compiled', () => {
    expect(found['template objects']).to.deep.equal([0, 1, 2, 3]);
  });

  it('share no functions and no variables', () => {
    expect(found['functions of two evaluations']).to.deep.equal([false, 1, 2, 1]);
  });

  it('see the globals of their own compartment', () => {
    expect(found.globals).to.deep.equal(['first', 'second']);
  });

  it('serve compartments with the constants that they mention, and no others', () => {
    expect(found.constants).to.deep.equal({
      same: 'set undefined: const',
      unmentioned: 'set undefined: const',
      mentioned: 'set extra: const',
      accessor: 'set extra: no setter',
    });
    expect(found.cheaper).to.deep.equal({ same: true, unmentioned: true, mentioned: false });
  });
});
