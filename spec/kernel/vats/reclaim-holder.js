// Holds what it is given in the ways that the name of a method says.
import { E, Far } from '@endo/far';
import { provideKinds } from './holder-kinds.js';

export const buildRootObject = ({ VatData, D }, vatParameters, baggage) => {
  const {
    makeScalarBigMapStore,
    makeScalarBigSetStore,
    makeScalarBigWeakMapStore,
    makeScalarBigWeakSetStore,
    watchPromise,
  } = VatData;
  const { provide, makeBox, makeKit, makeWatcher, makeVirtual } = provideKinds(VatData, baggage);
  const strong = provide('strong', () => makeScalarBigMapStore('strong', { durable: true }));
  const set = provide('set', () => makeScalarBigSetStore('set', { durable: true }));
  const weak = provide('weak', () => makeScalarBigWeakMapStore('weak', { durable: true }));
  const weakSet = provide('weakSet', () => makeScalarBigWeakSetStore('weakSet', { durable: true }));

  const inRAM = [];
  const exported = [];
  const weakInRAM = new WeakMap();
  const virtualMap = makeScalarBigMapStore('virtual map');
  const virtualWeak = makeScalarBigWeakMapStore('virtual weak');

  const keep = thing => void inRAM.push(thing);
  return Far('root', {
    holdInRAM: things => keep(things),
    holdInStrong: things => things.forEach((thing, index) => strong.init(`${index}`, thing)),
    holdInSet: things => things.forEach(thing => set.add(thing)),
    holdInBoxes: things =>
      things.forEach((thing, index) => strong.init(`box ${index}`, makeBox(thing))),
    holdInWeak: things =>
      things.forEach((thing, index) => weak.init(thing, makeBox(`of ${index}`))),
    recognizeInRAM: things => things.forEach(thing => weakInRAM.set(thing, 'known')),
    recognizeInVirtual: (things, value) => things.forEach(thing => virtualWeak.init(thing, value)),
    holdInVirtualMap: (count, things) => {
      for (let index = 0; index < count; index += 1) {
        virtualMap.init(`row ${index}`, things.length > 0 ? things[index % things.length] : index);
      }
    },
    holdInVirtualKeys: things => things.forEach(thing => virtualMap.init(thing, 'by key')),
    holdInVirtualObjects: things => things.forEach(thing => keep(makeVirtual(thing))),
    holdInAbandonedCollections: things => {
      const durable = makeScalarBigMapStore('held by a virtual map', { durable: true });
      things.forEach((thing, index) => durable.init(`${index}`, thing));
      virtualMap.init('a durable map', durable);
      const lost = makeScalarBigSetStore('held in RAM', { durable: true });
      things.forEach(thing => lost.add(thing));
      keep(lost);
    },
    // A durable object that only a virtual one holds, recognized in a durable weak set and map.
    holdInLostBoxes: things =>
      things.forEach(thing => {
        const box = makeBox(thing);
        weakSet.add(box);
        weak.init(box, thing);
        keep(makeVirtual(box));
      }),
    keepBoxInRAM: thing => keep(makeBox(thing)),
    shareBetweenVirtualAndDurable: thing => {
      const box = makeBox(thing);
      strong.init('shared', box);
      keep(makeVirtual(box));
      virtualMap.init('shared', box);
    },
    exportKit: content => {
      const { reader, writer } = makeKit(content);
      keep(makeVirtual(writer));
      return reader;
    },
    watch: (promise, key) => watchPromise(promise, makeWatcher(), key),
    watchOwn: key => watchPromise(new Promise(keep), makeWatcher(), key),
    exportOwn: () => {
      const promise = new Promise(keep);
      exported.push(promise);
      return harden({ promise });
    },
    watchExported: key => watchPromise(exported[0], makeWatcher(), key),
    awaitAll: promises => promises.forEach(promise => promise.then(keep, keep)),
    keepDevice: (device, durably) => (durably ? strong.init('device', device) : keep(device)),
    callDevice: () => D(strong.get('device')).hasVat('v1'),

    strongKeys: () => [...strong.keys()],
    getStrong: key => strong.get(key),
    getBox: key => strong.get(key).get(),
    deleteStrong: keys => keys.forEach(key => strong.delete(key)),
    makeDurableRows: count => {
      for (let index = 0; index < count; index += 1) {
        strong.init(`durable ${strong.getSize()}`, makeBox(index));
      }
    },
    deleteSet: () => set.clear(),
    sizes: () => [strong.getSize(), set.getSize()],
    getWeak: thing => weak.get(thing).get(),
    knowsWeakly: thing => weak.has(thing),
    told: key => (baggage.has(`told ${key}`) ? baggage.get(`told ${key}`) : undefined),
    labelOfParameter: () => E(vatParameters.thing).label(),
  });
};
