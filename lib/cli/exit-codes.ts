/** Exit codes of `swingset-kernel`. */
export const exitCodes = {
  /** The command went wrong, or found a problem. */
  failure: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** The chain needs other software: install it, then start it. */
  upgradeNeeded: 3,
  /** The height of the chain stands still. */
  stalled: 4,
  /** `run` did its work and committed, but a vat could not start on the new platform. */
  vatsFailed: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
