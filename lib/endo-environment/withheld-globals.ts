/**
 * Globals that compartments of `ses` 2 lack, and that the code of vats needs: `@endo/marshal` reads
 * the bits of numbers with them. Vats in xsnap have them, as have compartments of `ses` 1.
 */
const NEEDED = ['Float16Array', 'Float32Array', 'Float64Array'];

/** Those that this process has and its compartments lack: none under `ses` 1. Frozen by lockdown. */
export const findWithheldGlobals = (): Record<string, unknown> => {
  const here = globalThis as Record<string, unknown>;
  const inside = new Compartment().globalThis as Record<string, unknown>;
  return Object.fromEntries(
    NEEDED.filter(name => name in here && !(name in inside)).map(name => [name, here[name]]),
  );
};
