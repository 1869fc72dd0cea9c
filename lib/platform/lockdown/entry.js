// Locks an XS worker down, as Agoric's lockdown does. A worker evaluates this before the supervisor.
// The order counts: `ses` needs a console, which XS lacks, and the inspector needs a compartment.
import { setObjectInspector } from '@agoric/xsnap-lockdown/lib/console-shim.js';
import '@endo/init';
import inspect from '@agoric/xsnap-lockdown/lib/confined-object-inspect.js';

setObjectInspector(inspect);
harden(console);
