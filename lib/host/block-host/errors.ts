/** Why a block host refuses to open, or to execute a block. */
import { quoteValue, SwingsetError } from '../../errors.js';
import type { PlatformEpoch } from '../../types/platform-epoch.js';

/** A block that is not the next one. */
export class HeightError extends SwingsetError {
  readonly code = 'HEIGHT';
  constructor(
    readonly given: number,
    readonly expected: number,
  ) {
    super(
      `block ${given} is out of order: the next one is ${expected}. Start the engine on the data ` +
        'that belong to this chain, or remove them to replay it',
    );
  }
}

/** Another block than the one that was executed at this height. */
export class OtherBlockError extends SwingsetError {
  readonly code = 'OTHER_BLOCK';
  constructor(
    readonly height: number,
    readonly executed: string,
    readonly given: string,
  ) {
    super(
      `block ${height} is committed with the hash ${executed}, and the engine has one with the ` +
        `hash ${given}: this node and its engine are of different chains`,
    );
  }
}

/** The chain was not initialized. */
export class NoChainError extends SwingsetError {
  readonly code = 'NO_CHAIN';
  constructor(readonly operation: string) {
    super(`${operation}: there is no chain yet. Call init with a genesis, or restore a snapshot`);
  }
}

/** `init` was called on a chain that has blocks. */
export class ChainExistsError extends SwingsetError {
  readonly code = 'CHAIN_EXISTS';
  constructor(readonly height: number) {
    super(`init: the chain is at height ${height} and can't begin anew. Use an empty home`);
  }
}

/** The genesis can't start a chain. */
export class BadGenesisError extends SwingsetError {
  readonly code = 'BAD_GENESIS';
  constructor(
    readonly field: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`genesis: ${field}: ${problem}`, options);
  }
}

/** `commit` without a block. */
export class NothingExecutedError extends SwingsetError {
  readonly code = 'NOTHING_EXECUTED';
  constructor(readonly height: number) {
    super(`commit: no block was executed after ${height}`);
  }
}

/** A call that changes state came during another one. */
export class HostBusyError extends SwingsetError {
  readonly code = 'HOST_BUSY';
  constructor(
    readonly operation: string,
    readonly current: string,
  ) {
    super(`${operation}: ${current} has not finished`);
  }
}

/** An earlier block failed, or the host was closed. */
export class HostStoppedError extends SwingsetError {
  readonly code = 'HOST_STOPPED';
  constructor(reason: string, options?: ErrorOptions) {
    super(`the block host has stopped: ${reason}. Nothing of the last block is committed`, options);
  }
}

export interface PlannedUpgrade {
  readonly name: string;
  readonly height: number;
  readonly info: string;
}

/** The next block needs other software. Nothing of it was executed. */
export class UpgradeNeededError extends SwingsetError {
  readonly code = 'UPGRADE_NEEDED';
  readonly upgradeName: string;
  readonly height: number;
  readonly info: string;
  constructor(
    { name, height, info }: PlannedUpgrade,
    /** What this software is. */
    readonly platformEpoch: PlatformEpoch,
  ) {
    const details = info === '' ? '' : `. About it: ${info}`;
    super(
      `UPGRADE ${quoteValue(name)} NEEDED at height ${height}: this software is ` +
        `${quoteValue(platformEpoch)}. Install the software of ${quoteValue(name)} and start it on ` +
        `this home${details}`,
    );
    this.upgradeName = name;
    this.height = height;
    this.info = info;
  }
}

/** The software of a planned upgrade was started before the upgrade's height. */
export class TooEarlyError extends SwingsetError {
  readonly code = 'TOO_EARLY';
  constructor(
    readonly upgrade: PlannedUpgrade,
    readonly height: number,
    readonly stored: PlatformEpoch,
  ) {
    super(
      `this software is for the upgrade ${quoteValue(upgrade.name)} at height ${upgrade.height}, ` +
        `and the chain is at height ${height}: run the software of ${quoteValue(stored)} until ` +
        `it stops at height ${upgrade.height}`,
    );
  }
}

/** The software is neither that of the chain's epoch nor that of its next one. */
export class WrongSoftwareError extends SwingsetError {
  readonly code = 'WRONG_SOFTWARE';
  constructor(
    readonly given: PlatformEpoch,
    readonly stored: PlatformEpoch,
    readonly planned: PlannedUpgrade | undefined,
  ) {
    const plan = planned
      ? `, and the upgrade that is planned at height ${planned.height} is ${quoteValue(planned.name)}`
      : ', and no upgrade is planned';
    super(
      `this software is ${quoteValue(given)}, but the chain runs ${quoteValue(stored)}${plan}: ` +
        `run the software of ${quoteValue(stored)}`,
    );
  }
}

/** A proof that does not show what it is to show. */
export class BadProofError extends SwingsetError {
  readonly code = 'BAD_PROOF';
  constructor(
    /** The key of the row in the state tree. */
    readonly key: string,
    problem: string,
  ) {
    super(`the proof of ${quoteValue(key)} ${problem}`);
  }
}
