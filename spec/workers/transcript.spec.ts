import { expect } from 'chai';
import { makeVatID, parseBundleID } from '../../lib/types/ids.js';
import { TranscriptDamagedError } from '../../lib/workers/errors.js';
import {
  decodeEntry,
  encodeDelivery,
  encodeEntry,
  initializeWorkerEntry,
  isDeliveryEntry,
  loadSnapshotEntry,
  saveSnapshotEntry,
  shutdownWorkerEntry,
} from '../../lib/workers/transcript.js';
import { bringOutYourDead, startVat, vref } from './support/fixture.js';

const vatID = makeVatID(4);
const bundleID = parseBundleID(`b1-${'ab'.repeat(64)}`);
const bundleIDs = [parseBundleID(`b0-${'cd'.repeat(32)}`)];

describe('transcript entries', () => {
  it('have the JSON that SwingSet writes', () => {
    // Taken from a store made by SwingSet.
    expect(encodeDelivery(bringOutYourDead, [], ['ok', null, { compute: 2364 }])).to.equal(
      '{"d":["bringOutYourDead"],"sc":[],"r":{"status":"ok","metering":{"computrons":2364}}}',
    );
    expect(
      encodeDelivery(
        ['dropExports', [vref('o+0')]],
        ['{"s":["vatstoreGet","vom.rc.o+d6/4"],"r":["ok","1"]}'],
        ['ok', null, null],
      ),
    ).to.equal(
      '{"d":["dropExports",["o+0"]],"sc":[{"s":["vatstoreGet","vom.rc.o+d6/4"],"r":["ok","1"]}],"r":{"status":"ok"}}',
    );
    expect(encodeEntry(initializeWorkerEntry(bundleID, { type: 'xsnap', bundleIDs }))).to.equal(
      `{"d":["initialize-worker",{"source":{"bundleID":"${bundleID}"},"workerOptions":{"type":"xsnap","bundleIDs":["${bundleIDs[0]}"]}}],"sc":[],"r":{"status":"ok"}}`,
    );
    expect(encodeEntry(initializeWorkerEntry(bundleID, { type: 'local' }))).to.equal(
      `{"d":["initialize-worker",{"source":{"bundleID":"${bundleID}"},"workerOptions":{"type":"local"}}],"sc":[],"r":{"status":"ok"}}`,
    );
    expect(encodeEntry(saveSnapshotEntry('f8a5'))).to.equal(
      '{"d":["save-snapshot"],"sc":[],"r":{"status":"ok","snapshotID":"f8a5"}}',
    );
    expect(encodeEntry(loadSnapshotEntry('f8a5'))).to.equal(
      '{"d":["load-snapshot",{"snapshotID":"f8a5"}],"sc":[],"r":{"status":"ok"}}',
    );
    expect(encodeEntry(shutdownWorkerEntry)).to.equal(
      '{"d":["shutdown-worker"],"sc":[],"r":{"status":"ok"}}',
    );
  });

  it('of a failed delivery keep neither problem nor computrons', () => {
    expect(encodeDelivery(bringOutYourDead, [], ['error', 'why', { compute: 5 }])).to.equal(
      '{"d":["bringOutYourDead"],"sc":[],"r":{"status":"error"}}',
    );
  });

  it("name image, engine and heap rule behind SwingSet's fields, in one order", () => {
    const expected = `"workerOptions":{"type":"xsnap","bundleIDs":["${bundleIDs[0]}"],"imageID":"1a","engine":"e"}`;
    expect(
      encodeEntry(
        initializeWorkerEntry(bundleID, { engine: 'e', imageID: '1a', bundleIDs, type: 'xsnap' }),
      ),
    ).to.include(expected);
    const own = { heapRule: 1, engine: 'e', imageID: '1a', bundleIDs, type: 'xsnap' } as const;
    expect(encodeEntry(initializeWorkerEntry(bundleID, own))).to.include(
      expected.replace('}', ',"heapRule":1}'),
    );
  });

  it('are read back, and told apart', () => {
    const delivery = startVat({ start: 5 });
    const read = decodeEntry(encodeDelivery(delivery, [], ['ok', null, null]), vatID, 7);
    expect(read).to.deep.equal({ d: delivery, sc: [], r: { status: 'ok' } });
    expect(isDeliveryEntry(read)).to.equal(true);
    for (const entry of [
      initializeWorkerEntry(bundleID, { type: 'local' }),
      loadSnapshotEntry('f8a5'),
      saveSnapshotEntry('f8a5'),
      shutdownWorkerEntry,
    ]) {
      expect(isDeliveryEntry(decodeEntry(encodeEntry(entry), vatID, 7))).to.equal(false);
    }
  });

  it('are refused if malformed', () => {
    for (const text of ['', '{', 'null', '[]', '{"d":["x"]}', '{"d":[],"sc":[],"r":{}}']) {
      expect(() => decodeEntry(text, vatID, 7), text)
        .to.throw(TranscriptDamagedError)
        .that.includes({ vatID, position: 7, code: 'TRANSCRIPT_DAMAGED' });
    }
  });
});
