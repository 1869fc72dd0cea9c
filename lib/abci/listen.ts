/**
 * Opens the server's socket.
 *
 * Invariant: a socket file is unlinked only if nothing listens at it. Anything else at the path
 * stays.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { once } from 'node:events';
import { errorText } from '../errors.js';
import { formatAddress, type AbciAddress } from './address.js';
import { AbciAddressError } from './errors.js';

type UnixAddress = Extract<AbciAddress, { kind: 'unix' }>;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const tryListen = async (server: Server, address: AbciAddress): Promise<void> => {
  if (address.kind === 'unix') server.listen(address.path);
  else server.listen(address.port, address.host);
  await once(server, 'listening');
};

/** Does a process listen at the path? */
const isAlive = async (path: string): Promise<boolean> => {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    if (codeOf(error) === 'ECONNREFUSED' || codeOf(error) === 'ENOENT') return false;
    // For example a full backlog: somebody is there, or may be.
    return true;
  } finally {
    socket.destroy();
  }
};

const unlinkStale = async (address: UnixAddress): Promise<void> => {
  const { path } = address;
  if (!lstatSync(path).isSocket()) {
    throw new AbciAddressError(formatAddress(address), 'there is another kind of file at its path');
  }
  if (await isAlive(path)) {
    throw new AbciAddressError(
      formatAddress(address),
      'another process listens there; stop it, or choose another address',
    );
  }
  unlinkSync(path);
};

/**
 * Listens, in place of a socket that a dead process has left.
 * @throws AbciAddressError
 */
export const listenAt = async (server: Server, address: AbciAddress): Promise<void> => {
  try {
    await tryListen(server, address);
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE' && address.kind === 'unix') {
      await unlinkStale(address);
      await tryListen(server, address);
    } else {
      throw new AbciAddressError(formatAddress(address), errorText(error), { cause: error });
    }
  }
  // Who connects decides what the chain's state is.
  if (address.kind === 'unix') chmodSync(address.path, 0o600);
};
