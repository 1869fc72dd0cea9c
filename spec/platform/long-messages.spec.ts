import { expect } from 'chai';
import { replaceLongMessages } from '../../lib/platform/long-messages.js';

const MOST = 10;

const netstring = (text: string) => `${text.length}:${text},`;

/** Cut into chunks of that many bytes. */
async function* chunksOf(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const pass = async (text: string, size: number): Promise<string> => {
  const seen: Uint8Array[] = [];
  const replace = (head: Uint8Array, length: number) =>
    Buffer.from(head).toString().startsWith('say') ? Buffer.from(`${length}`) : undefined;
  for await (const bytes of replaceLongMessages(chunksOf(text, size), MOST, replace)) {
    seen.push(bytes);
  }
  return Buffer.concat(seen).toString();
};

const sizes = [1, 2, 3, 7, 11, 64, 65, 100_000];

describe('long messages of a worker', () => {
  const long = `say ${'x'.repeat(300)}`;
  const cases = {
    'short ones go through': [
      ['', 'one', '0123456789'],
      ['', 'one', '0123456789'],
    ],
    'a long one that can be replaced is': [
      ['one', long, 'two'],
      ['one', '304', 'two'],
    ],
    'several of them, one after the other': [
      [long, 'say 4567890', long],
      ['304', '11', '304'],
    ],
    'a long one that can not be replaced goes through, to be refused': [
      [`do ${'x'.repeat(300)}`, long],
      [`do ${'x'.repeat(300)}`, '304'],
    ],
  } as const;
  for (const [what, [given, seen]] of Object.entries(cases)) {
    it(`${what}, however they are cut`, async () => {
      for (const size of sizes) {
        expect(await pass(given.map(netstring).join(''), size), `chunks of ${size}`).to.equal(
          seen.map(netstring).join(''),
        );
      }
    });
  }

  it('are left alone after what is no netstring', async () => {
    for (const rest of ['x3:abc,', ':', '99999999999:', '12345678901']) {
      for (const size of sizes) {
        const text = `${netstring('one')}${rest}${netstring(long)}`;
        expect(await pass(text, size), `${rest} in chunks of ${size}`).to.equal(text);
      }
    }
  });

  it('may be cut off by the end of the stream, as others may', async () => {
    for (const [rest, seen] of [
      ['12', '12'],
      ['5:ab', '5:ab'],
      ['500:do', '500:do'],
      [`500:${long}`, netstring('500')],
    ] as const) {
      for (const size of sizes) {
        expect(await pass(`${netstring('one')}${rest}`, size), `${rest}, ${size}`).to.equal(
          `${netstring('one')}${seen}`,
        );
      }
    }
  });
});
