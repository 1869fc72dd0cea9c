/** The keys of a CometBFT node, in the files that CometBFT reads. */
import { createHash, generateKeyPairSync } from 'node:crypto';

/** An ed25519 key pair. */
export interface EngineKey {
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** 64 bytes: the seed and the public key, as Go's `ed25519.PrivateKey`. */
  readonly privateKey: Buffer;
}

export const makeEngineKey = (): EngineKey => {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const publicKey = Buffer.from(x ?? '', 'base64url');
  return { publicKey, privateKey: Buffer.concat([Buffer.from(d ?? '', 'base64url'), publicKey]) };
};

/** The first 20 bytes of the public key's SHA-256, in hex: CometBFT's address of a key. */
const addressOfKey = ({ publicKey }: EngineKey): string =>
  createHash('sha256').update(publicKey).digest('hex').slice(0, 40);

/** What peers call the node: `<node id>@<host>:<port>`. */
export const nodeIDOf = addressOfKey;

/** As in the genesis and in the validator's own files. */
export const validatorAddressOf = (key: EngineKey): string => addressOfKey(key).toUpperCase();

export const publicKeyJSON = ({ publicKey }: EngineKey) => ({
  type: 'tendermint/PubKeyEd25519',
  value: publicKey.toString('base64'),
});

const privateKeyJSON = ({ privateKey }: EngineKey) => ({
  type: 'tendermint/PrivKeyEd25519',
  value: privateKey.toString('base64'),
});

export const nodeKeyFile = (key: EngineKey): unknown => ({ priv_key: privateKeyJSON(key) });

export const validatorKeyFile = (key: EngineKey): unknown => ({
  address: validatorAddressOf(key),
  pub_key: publicKeyJSON(key),
  priv_key: privateKeyJSON(key),
});

/** What a validator has signed last, so that it never signs twice. This one has signed nothing. */
export const newValidatorState = { height: '0', round: 0, step: 0 } as const;
