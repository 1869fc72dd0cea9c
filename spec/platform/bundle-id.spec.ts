import { expect } from 'chai';
import { BadIdentifierError } from '../../lib/errors.js';
import { computeBundleID } from '../../lib/platform/bundle-id.js';

describe('computeBundleID', () => {
  it('takes the hash that an archive names for itself', () => {
    const endoZipBase64Sha512 = 'ab'.repeat(64);
    const bundle = { moduleFormat: 'endoZipBase64', endoZipBase64: 'UEsF', endoZipBase64Sha512 };
    expect(computeBundleID(bundle)).to.equal(`b1-${endoZipBase64Sha512}`);
  });

  it('hashes a script bundle, whose fields have an order', () => {
    const forwards = computeBundleID({ moduleFormat: 'nestedEvaluate', source: '0' });
    const backwards = computeBundleID({ source: '0', moduleFormat: 'nestedEvaluate' });
    // echo -n '{"moduleFormat":"nestedEvaluate","source":"0"}' | sha256sum
    expect(forwards).to.equal(
      'b0-5cc7342d2d4d6faee90da92d80605ac85492ce496c2230b48093e4905495e816',
    );
    expect(backwards).not.to.equal(forwards);
  });

  it('refuses an archive that names no hash', () => {
    expect(() => computeBundleID({ moduleFormat: 'endoZipBase64', endoZipBase64: '' })).to.throw(
      BadIdentifierError,
    );
  });
});
