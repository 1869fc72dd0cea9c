/** Transcripts that are long, or damaged, in the inspector. */
import { join } from 'node:path';
import { expect } from 'chai';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { openInspectionReader } from '../../lib/store/inspection-reader.js';
import { listTranscript, readTranscriptItem } from '../../lib/inspector/readers/vats.js';
import { parseVatID } from '../../lib/types/ids.js';
import { makeTempDir } from '../support/swingset.js';

describe("the inspector's reader of transcripts", () => {
  const vatID = parseVatID('v1');

  const made = async (items: readonly string[]) => {
    const home = join(makeTempDir(), 'home');
    const { kernelStorage, hostStorage } = initSwingStore(home);
    kernelStorage.transcriptStore.initTranscript(vatID);
    for (const item of items) kernelStorage.transcriptStore.addItem(vatID, item);
    kernelStorage.emitCrankHashes();
    await hostStorage.commit();
    await hostStorage.close();
    return openInspectionReader(home);
  };

  it('says that an item is whole, or how much of it is cut, whatever its characters', async () => {
    const whole = JSON.stringify({ d: ['message', '🐄'.repeat(10)] });
    const long = JSON.stringify(['🐄'.repeat(250_000)]);
    const reader = await made([whole, long]);
    expect(readTranscriptItem(reader, vatID, 0)?.item).to.deep.equal({
      text: whole,
      length: whole.length,
    });
    const cut = readTranscriptItem(reader, vatID, 1)?.item;
    expect(cut?.text.length).to.be.lessThan(long.length);
    expect(cut?.length).to.be.greaterThan(cut?.text.length ?? Infinity);
    reader.close();
  });

  it('lists items that make no sense', async () => {
    const items = [
      ...['null', '7', '"text"', '[]', '{', '{"d":null}', '{"d":[null]}', '{"d":7,"sc":7,"r":7}'],
      '{"d":[{"toString":1}],"sc":{"length":{}},"r":{"metering":null}}',
      '{"d":["message","o+1",{"methargs":null}]}',
      '{"d":["message","o+1",{"methargs":{"body":"#[]","slots":[1,null]}}]}',
    ];
    const reader = await made(items);
    const { items: listed } = listTranscript(reader, vatID, { limit: 50 });
    expect(listed.map(({ kind, method, syscalls }) => [kind, method, syscalls])).to.deep.equal([
      ['message', null, null],
      ['message', null, null],
      ...Array.from({ length: 9 }, () => [null, null, null]),
    ]);
    reader.close();
  });
});
