import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { StoreUsageError } from '../../lib/store/errors.js';
import { compareUtf8 } from '../../lib/store/hash.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import { useTempDirs } from './support/dirs.js';

describe('kvStore', () => {
  const tempDir = useTempDirs();

  it('keeps, replaces, deletes and finds values', () => {
    const { kvStore } = initSwingStore(null).kernelStorage;
    expect(kvStore.get('a')).to.equal(undefined);
    expect(kvStore.has('a')).to.equal(false);
    kvStore.set('a', '1');
    kvStore.set('a', '');
    expect(kvStore.get('a')).to.equal('');
    expect(kvStore.has('a')).to.equal(true);
    kvStore.delete('a');
    kvStore.delete('a');
    expect(kvStore.has('a')).to.equal(false);
  });

  it('iterates in the order of UTF-8 bytes, past the keys of the host', () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    const { kvStore } = kernelStorage;
    const keys = ['g', 'hosta', '🗝', '\uffee', 'b.10', 'b.2', 'b', 'local.x', 'host/'];
    for (const key of keys) {
      kvStore.set(key, key);
    }
    hostStorage.kvStore.set('host.one', '1');
    hostStorage.kvStore.set('host.two', '2');
    const seen: string[] = [];
    for (let key = kvStore.getNextKey(''); key !== undefined; key = kvStore.getNextKey(key)) {
      seen.push(key);
    }
    const byBytes = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(seen).to.deep.equal(byBytes);
    expect([...keys].sort(compareUtf8)).to.deep.equal(byBytes);
    expect(hostStorage.kvStore.getNextKey('g')).to.equal('host.one');
  });

  it('refuses host keys to the kernel and all others to the host', () => {
    const { kernelStorage, hostStorage } = initSwingStore(null);
    kernelStorage.kvStore.set('initialized', 'true');
    hostStorage.kvStore.set('host.a', '1');
    expect(() => kernelStorage.kvStore.set('host.a', '2')).to.throw(StoreUsageError, /host\.a/);
    expect(() => kernelStorage.kvStore.get('host.a')).to.throw(StoreUsageError);
    expect(() => kernelStorage.kvStore.delete('host.a')).to.throw(StoreUsageError);
    expect(() => hostStorage.kvStore.set('initialized', 'no')).to.throw(StoreUsageError);
    expect(() => hostStorage.kvStore.delete('initialized')).to.throw(StoreUsageError);
    // Hosts do look at kernel keys.
    expect(hostStorage.kvStore.get('initialized')).to.equal('true');
    expect(hostStorage.kvStore.get('host.a')).to.equal('1');
  });

  it('refuses keys and values that are not strings', () => {
    const { kvStore } = initSwingStore(null).kernelStorage;
    expect(() => kvStore.set('a', 3 as unknown as string)).to.throw(StoreUsageError, /number/);
    expect(() => kvStore.get(undefined as unknown as string)).to.throw(StoreUsageError);
  });

  it('leaves local, host and bypassed keys out of the crankhash', () => {
    const hashOf = (change: (store: ReturnType<typeof initSwingStore>) => void): string => {
      const store = initSwingStore(null);
      change(store);
      return store.kernelStorage.emitCrankHashes().crankhash;
    };
    const nothing = hashOf(() => undefined);
    expect(hashOf(s => s.kernelStorage.kvStore.set('local.a', '1'))).to.equal(nothing);
    expect(hashOf(s => s.hostStorage.kvStore.set('host.a', '1'))).to.equal(nothing);
    expect(hashOf(s => s.kernelStorage.kvStore.set('a', '1', true))).to.equal(nothing);
    expect(hashOf(s => s.kernelStorage.kvStore.set('a', '1'))).not.to.equal(nothing);
    expect(hashOf(s => s.kernelStorage.kvStore.delete('a'))).not.to.equal(nothing);
  });

  it('traces changes into a file', async () => {
    const dirPath = tempDir();
    mkdirSync(dirname(dirPath), { recursive: true });
    const traceFile = `${dirPath}.trace`;
    const { kernelStorage } = initSwingStore(dirPath, { traceFile });
    kernelStorage.kvStore.set('a', 'b');
    kernelStorage.kvStore.delete('a');
    expect(readFileSync(traceFile, 'utf8')).to.equal('set a b\ndel a\n');
  });
});
