/** Operations that leave only vats that hold nothing. */
import { strongPlaces, type Model } from '../model.js';
import { expectEqual, type Operation } from '../operation.js';
import { bringBack } from './lives.js';
import { dropFrom, dropFromDriver, forget } from './objects.js';

/** Batches. Each is made after the previous one was applied. */
export const lettingGo = function* lettingGo(model: Model): Generator<readonly Operation[], void> {
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
