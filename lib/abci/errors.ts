import { quoteValue, SwingsetError } from '../errors.js';

/** Bytes on a connection that are not this protocol. Ends that connection. */
export class WireError extends SwingsetError {
  readonly code = 'ABCI_WIRE';
}

/** A message has a value that this application can't represent or send. */
export class WireValueError extends SwingsetError {
  readonly code = 'ABCI_WIRE_VALUE';
  constructor(
    readonly field: string,
    readonly value: unknown,
    readonly expected: string,
  ) {
    super(`${field}: expected ${expected}, got ${quoteValue(value)}`);
  }
}

/** The server's address is malformed, or can't be listened at. */
export class AbciAddressError extends SwingsetError {
  readonly code = 'ABCI_ADDRESS';
  constructor(
    readonly address: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`ABCI address ${quoteValue(address)}: ${problem}`, options);
  }
}
