import { kunser } from '@agoric/kmarshal';
import { expect } from 'chai';
import { call, startVat } from '../../workers/support/fixture.js';
import { expectSameLives, type Deeds } from './support/lives.js';
import { bundleProber, PROBES } from './support/probes.js';

/** The value that the last resolution of the lives holds. */
const lastResolution = ({ events }: Deeds): unknown => {
  const [[, [[, , data]]]] = (events as [unknown[], unknown][])
    .filter(event => Array.isArray(event[0]) && event[0][0] === 'resolve')
    .at(-1) as unknown as [[string, [[string, boolean, { body: string; slots: string[] }]]]];
  return kunser(data);
};

describe('the isolation of modules', () => {
  it('gives the answers of the stock supervisor to each probe', async () => {
    const { deeds } = await expectSameLives(
      [{ bundle: bundleProber(), deliveries: [startVat(), call('answers')] }],
      { alsoKnown: true },
    );
    const answers = Object.fromEntries(lastResolution(deeds) as [string, string][]);
    expect(Object.keys(answers)).to.deep.equal(Object.keys(PROBES));
    expect(answers).to.include({
      intrinsics: '0',
      frozenGlobal: 'true',
      template: 'true,true,false',
      functionSees: 'objectundefined',
      evalGlobal: 'true',
      childSees: 'undefinedundefinedundefined',
      childWeakMap: 'true,true',
      otherGlobal: 'false,true,true,false,false,true',
      undefinedName: 'undefined',
      weakRef: 'undefinedundefined',
    });
    expect(answers.powers).to.match(/^issueCommand:undefined,handleCommand:undefined,print:undef/);
  });
});
