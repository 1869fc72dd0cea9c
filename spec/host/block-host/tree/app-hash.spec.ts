import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { BadOptionError } from '../../../../lib/errors.js';
import { appHashOf } from '../../../../lib/host/block-host/tree/app-hash.js';

const activityhash = 'a1'.repeat(32);
const root = Buffer.alloc(32, 7);

describe('the app hash', () => {
  it('binds activityhash and root', () => {
    const expected = createHash('sha256')
      .update('swingset-kernel app hash 1')
      .update(Buffer.alloc(32, 0xa1))
      .update(root)
      .digest('hex');
    expect(Buffer.from(appHashOf(activityhash, root)).toString('hex')).to.equal(expected);
  });

  it('exists before the first crank, when there is no activityhash', () => {
    expect(appHashOf('', root))
      .to.have.length(32)
      .and.not.deep.equal(appHashOf(activityhash, root));
  });

  it('is of nothing else', () => {
    expect(() => appHashOf('xyz', root)).to.throw(BadOptionError, 'activityhash');
    expect(() => appHashOf(activityhash, root.subarray(1))).to.throw(BadOptionError, 'root');
  });
});
