/** Operations that end what goes on. Each batch is made after the previous one was applied. */
import { strongPlaces, type Model } from '../model.js';
import { expectEqual, type Operation } from '../operation.js';
import { bringBack, endByHost } from './lives.js';
import { dropFrom, dropFromDriver, forget } from './objects.js';

type Batches = Generator<readonly Operation[], void>;

/** Puts the vats that are down to work again. */
export const bringingBack = function* bringingBack(model: Model): Batches {
  for (const vat of model.vats.values()) {
    if (!vat.isDown) continue;
    for (const operation of bringBack(model, vat)) yield [operation];
  }
};

/** Leaves only vats that hold nothing. */
export const lettingGo = function* lettingGo(model: Model): Batches {
  for (const vat of model.vats.values()) {
    for (const operation of bringBack(model, vat)) yield [operation];
  }
  yield [...model.vats.values()].flatMap(vat =>
    strongPlaces.flatMap(place =>
      [...vat.place(place).keys()].map(key => dropFrom({ vat, place, key })),
    ),
  );
  yield [...model.driver.place('things').keys()].map(label => dropFromDriver(model, label));
  yield [...model.gone].map(name => forget(model, name));
  for (const vat of model.vats.values()) {
    expectEqual(`what ${vat.name} holds`, [...vat.held()], []);
  }
};

/** Leaves no players. */
export const clearingOut = function* clearingOut(model: Model): Batches {
  yield [...model.vats.values()].map(vat => endByHost(model, vat));
  yield [...model.gone].map(name => forget(model, name));
};
