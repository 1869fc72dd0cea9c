/** `slogCallbacks`: SwingSet's hooks on its structured log. See `lib/types/option-schema.ts`. */
import Type from 'typebox';
import type { Static } from 'typebox';
import { functionOf, optionsBag } from '../types/option-schema.js';

/**
 * A hook on an event: gets the event's name, its arguments, and the function that ends it (or what
 * the event returns). Returns what is to take that place; a hook that fails replaces nothing.
 */
export type SlogCallback = (method: string, args: readonly unknown[], ending: unknown) => unknown;

export const slogCallbacks = Type.Object(
  {
    /** A vat was created. Arguments: vatID, dynamic, description, name, bundle, managerType. */
    provideVatSlogger: Type.Optional(functionOf<SlogCallback>()),
    /** The console of a vat, which the hook may replace. Arguments: vatID, console. */
    vatConsole: Type.Optional(functionOf<SlogCallback>()),
    /** A vat comes online. Argument: vatID. */
    startup: Type.Optional(functionOf<SlogCallback>()),
    /** A delivery. Arguments: vatID, crankNum, deliveryNum, kd, vd, replay. Its end gets dr. */
    delivery: Type.Optional(functionOf<SlogCallback>()),
    /** A syscall. Arguments: vatID, ksc, vsc. Its end gets ksr and vsr. */
    syscall: Type.Optional(functionOf<SlogCallback>()),
    /** A c-list entry. Arguments: vatID, crankNum, mode, kref, vref. */
    changeCList: Type.Optional(functionOf<SlogCallback>()),
    /** The end of a vat. Arguments: vatID, shouldReject, info. */
    terminateVat: Type.Optional(functionOf<SlogCallback>()),
  },
  optionsBag,
);

export interface SlogCallbacks extends Readonly<Static<typeof slogCallbacks>> {}
