/** Addresses as the engine's `proxy_app` has them: `unix:///run/app.sock`, `tcp://127.0.0.1:26658`. */
import { AbciAddressError } from './errors.js';

export type AbciAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** The longest path that Linux takes; macOS takes 103. */
const MAX_PATH_BYTES = 107;

const parsePath = (address: string, path: string): AbciAddress => {
  if (path === '') throw new AbciAddressError(address, 'names no path');
  const length = Buffer.byteLength(path);
  if (length > MAX_PATH_BYTES) {
    throw new AbciAddressError(
      address,
      `its path has ${length} bytes, and sockets take at most ${MAX_PATH_BYTES}; use tcp://`,
    );
  }
  return { kind: 'unix', path };
};

const parseHost = (address: string, rest: string): AbciAddress => {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]/]+)):(\d+)$/i.exec(rest) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || !(port <= 65_535)) {
    throw new AbciAddressError(address, 'expected tcp://host:port, such as tcp://127.0.0.1:26658');
  }
  return { kind: 'tcp', host, port };
};

/** @throws AbciAddressError */
export const parseAddress = (address: string): AbciAddress => {
  if (address.startsWith('unix://')) return parsePath(address, address.slice('unix://'.length));
  if (address.startsWith('tcp://')) return parseHost(address, address.slice('tcp://'.length));
  throw new AbciAddressError(address, 'expected unix:///path or tcp://host:port');
};

export const formatAddress = (address: AbciAddress): string => {
  if (address.kind === 'unix') return `unix://${address.path}`;
  const { host, port } = address;
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
};

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
