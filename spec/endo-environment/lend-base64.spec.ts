import { decodeBase64, encodeBase64 } from '@endo/base64';
import { expect } from 'chai';

describe("the base64 that endo's modules are lent", () => {
  it('is what they use, and is not left for vats', () => {
    expect(String(decodeBase64)).to.include('nativeDecodeBase64');
    expect(globalThis).not.to.have.property('Base64');
    expect(encodeBase64(Uint8Array.of(0, 255, 62, 63))).to.equal('AP8+Pw==');
    expect([...decodeBase64('AP8+Pw==')]).to.deep.equal([0, 255, 62, 63]);
    expect([...decodeBase64('')]).to.deep.equal([]);
  });

  for (const flawed of ['A', 'AA', 'AA=', 'A===', 'AA-_', 'AAA\n', 'AA AA', 'AA==AA==', '=====']) {
    it(`refuses ${JSON.stringify(flawed)}, as endo's own does`, () => {
      expect(() => decodeBase64(flawed)).to.throw(/base64/i);
    });
  }
});
