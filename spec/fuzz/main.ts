/** Locks the process down as specs are, and then loads the fuzzers: `command.ts`. */
await import('../support/setup.js');
await import('./command.js');

export {};
