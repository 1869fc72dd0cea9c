/**
 * Switches off the promise hooks that `@endo/init` leaves on. To learn node's symbols it enables an
 * async hook and disables it again, and then an empty one, which Node 20 never uninstalls: every
 * promise is tracked from then on, and an `await` takes ten times as long. Disabling a hook with an
 * `init` uninstalls them, unless the host has hooks of its own.
 *
 * Boundary: to be imported after `@endo/init`.
 */
import { createHook } from 'node:async_hooks';

createHook({ init: () => undefined })
  .enable()
  .disable();
