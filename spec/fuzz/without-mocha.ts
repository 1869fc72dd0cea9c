/**
 * Support of specs tidies up in hooks of mocha. In a process without mocha, these hooks run when
 * `runHooks` is called. Import it before such support.
 */
type Hook = () => unknown;

const hooks: Hook[] = [];

const add = (titleOrHook: string | Hook, hook?: Hook): void => {
  const given = typeof titleOrHook === 'string' ? hook : titleOrHook;
  if (given) hooks.push(given);
};

for (const name of ['after', 'afterEach'] as const) {
  if (!(name in globalThis)) Object.assign(globalThis, { [name]: add });
}

/** Does nothing under mocha, which runs its hooks itself. */
export const runHooks = async (): Promise<void> => {
  for (const hook of hooks) await hook();
};
