import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KeyFileError } from '../../../lib/host/transactions/errors.js';
import { readKeyFile, writeKeyFile } from '../../../lib/host/transactions/key-files.js';
import { makeKey } from '../../../lib/host/transactions/keys.js';
import { keyOf } from './support.js';

describe('key files', () => {
  const key = keyOf(1);
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'key-files-'));
    path = join(folder, 'key.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const change = (fields: object): void => {
    const content = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...content, ...fields }));
  };

  const problem = (): string => {
    try {
      readKeyFile(path);
    } catch (error) {
      expect(error).to.be.instanceOf(KeyFileError).and.include({ code: 'KEY_FILE', path });
      const { message } = error as KeyFileError;
      expect(message).not.to.contain('01'.repeat(8));
      return message.replace(`${path}: `, '');
    }
    throw Error('expected a KeyFileError');
  };

  it('give the key again, and nobody else may read them', () => {
    writeKeyFile(path, key);
    expect(readKeyFile(path)).to.deep.equal(key);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    chmodSync(path, 0o640);
    expect(problem()).to.equal(
      'other users may read or write this key (mode 640): run `chmod 600` on it',
    );
    chmodSync(path, 0o400);
    expect(readKeyFile(path)).to.deep.equal(key);
  });

  it('are never overwritten', () => {
    writeKeyFile(path, key);
    expect(() => writeKeyFile(path, keyOf(2))).to.throw(KeyFileError, 'exists already');
    expect(readKeyFile(path)).to.deep.equal(key);
    expect(() => writeKeyFile(join(folder, 'none', 'key.json'), key)).to.throw(/ENOENT/);
  });

  it('are refused when a field is wrong, and never show the secret', () => {
    expect(problem()).to.match(/ENOENT/);
    writeKeyFile(path, key);
    const written = readFileSync(path, 'utf8');
    const other = keyOf(2);
    const reset = (): void => writeFileSync(path, written);
    change({ address: other.address });
    expect(problem()).to.equal(
      `address: expected ${key.address}, which belongs to the secret key, got "${other.address}"`,
    );
    reset();
    change({ publicKey: undefined });
    expect(problem()).to.match(/^publicKey: expected [0-9a-f]{64}, .* got undefined$/);
    reset();
    change({ secretKey: `${'01'.repeat(31)}0g` });
    expect(problem()).to.equal('secretKey: expected 64 hexadecimal digits');
    reset();
    change({ type: 'secp256k1' });
    expect(problem()).to.equal('type: expected "ed25519", got "secp256k1"');
    for (const text of [written.slice(0, -20), '', 'null', '[]', `"${'01'.repeat(32)}"`]) {
      writeFileSync(path, text);
      expect(problem()).to.match(/^(is not JSON|type: expected "ed25519", got undefined)$/);
    }
  });

  it('hold keys of 32 bytes', () => {
    for (const length of [0, 31, 33]) {
      expect(() => makeKey(new Uint8Array(length))).to.throw(
        `secretKey: expected 32 bytes, got "${length} bytes"`,
      );
    }
  });
});
