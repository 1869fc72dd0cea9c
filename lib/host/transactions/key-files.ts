/**
 * Key files: JSON with the key as hexadecimal digits, readable by its owner alone.
 */
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { errorText, quoteValue } from '../../errors.js';
import { KeyFileError } from './errors.js';
import { fromHex, isHex, toHex } from './hex.js';
import { makeKey, SECRET_KEY_BYTES, type SigningKey } from './keys.js';

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

interface KeyFile {
  readonly type: 'ed25519';
  readonly address: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

/**
 * Writes a key to a new file with mode 0600.
 * @throws KeyFileError when the file exists already, or can't be written
 */
export const writeKeyFile = (path: string, key: SigningKey): void => {
  const { address, publicKey, secretKey } = key;
  const file: KeyFile = {
    type: 'ed25519',
    address,
    publicKey: toHex(publicKey),
    secretKey: toHex(secretKey),
  };
  try {
    writeFileSync(path, `${JSON.stringify(file, undefined, 2)}\n`, {
      flag: 'wx',
      mode: OWNER_ONLY,
    });
    // The process' umask may have taken bits away that the owner needs.
    chmodSync(path, OWNER_ONLY);
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const problem = exists ? 'exists already; a key is never overwritten' : errorText(error);
    throw new KeyFileError(path, problem, { cause: error });
  }
};

const insistPrivate = (path: string): void => {
  if (process.platform === 'win32') return;
  const mode = statSync(path).mode & 0o777;
  if ((mode & OTHERS) === 0) return;
  throw new KeyFileError(
    path,
    `other users may read or write this key (mode ${mode.toString(8)}): run \`chmod 600\` on it`,
  );
};

const parse = (path: string): Partial<KeyFile> => {
  try {
    insistPrivate(path);
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof content === 'object' && content !== null ? content : {};
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    // JSON.parse quotes the text around a mistake, which may be the secret.
    const problem = error instanceof SyntaxError ? 'is not JSON' : errorText(error);
    throw new KeyFileError(path, problem);
  }
};

/**
 * Reads a key file. Its errors never show the secret key.
 * @throws KeyFileError when there is none, others may read it, or its fields are wrong
 */
export const readKeyFile = (path: string): SigningKey => {
  const { type, address, publicKey, secretKey } = parse(path);
  if (type !== 'ed25519') {
    throw new KeyFileError(path, `type: expected "ed25519", got ${quoteValue(type)}`);
  }
  if (!isHex(secretKey, SECRET_KEY_BYTES)) {
    throw new KeyFileError(path, `secretKey: expected ${2 * SECRET_KEY_BYTES} hexadecimal digits`);
  }
  const key = makeKey(fromHex(secretKey));
  const found = { address, publicKey };
  const expected = { address: key.address, publicKey: toHex(key.publicKey) };
  for (const name of ['address', 'publicKey'] as const) {
    if (found[name] === expected[name]) continue;
    throw new KeyFileError(
      path,
      `${name}: expected ${expected[name]}, which belongs to the secret key, ` +
        `got ${quoteValue(found[name])}`,
    );
  }
  return key;
};
