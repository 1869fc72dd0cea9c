/** Reading and writing vrefs, as liveslots does it. */
export {
  insistVatType,
  makeVatSlot,
  parseVatSlot,
} from '@agoric/swingset-liveslots/src/parseVatSlots.js';
