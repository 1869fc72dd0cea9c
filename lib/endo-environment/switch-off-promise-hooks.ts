/**
 * Switches off the promise hooks that `@endo/init` leaves on. To learn Node's symbols, `@endo/init`
 * enables and disables an async hook, and then an empty one, which Node 20 never uninstalls. From
 * then on Node tracks every promise, and an `await` takes ten times as long. Disabling a hook that
 * has an `init` uninstalls both, unless the host has hooks of its own.
 *
 * Boundary: must be imported after `@endo/init`.
 */
import { createHook } from 'node:async_hooks';

createHook({ init: () => undefined })
  .enable()
  .disable();
