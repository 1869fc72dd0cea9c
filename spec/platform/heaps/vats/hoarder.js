// A vat whose heap changes in each way that the collector and liveslots' finalizers can meet.
/* global VatData */
import { E } from '@endo/eventual-send';
import { Far } from '@endo/far';

const { defineKind, makeScalarBigMapStore, makeScalarBigWeakSetStore } = VatData;

export const buildRootObject = () => {
  const things = new Map();
  const names = new Set();
  const seen = new WeakMap();
  const virtual = makeScalarBigMapStore('virtual');
  const weak = makeScalarBigWeakSetStore('weak');
  const makeNote = defineKind('note', text => ({ text }), { read: ({ state }) => state.text });

  return Far('hoarder', {
    keep: (place, thing) => {
      things.set(place, thing);
      seen.set(thing, { place });
      if (!weak.has(thing)) weak.add(thing);
    },
    use: place => {
      const thing = things.get(place);
      if (thing !== undefined) void E(thing).use(seen.get(thing).place);
    },
    forget: place => things.delete(place),

    note: (place, text) => {
      const note = makeNote(text);
      if (virtual.has(place)) virtual.set(place, note);
      else virtual.init(place, note);
      return note;
    },
    read: place => (virtual.has(place) ? virtual.get(place).read() : 'nothing'),
    erase: place => virtual.has(place) && virtual.delete(place),

    makeFacet: text => Far('facet', { read: () => text }),
    wait: promise => promise.then(value => names.add(`waited ${value}`)),

    // With either of them, a vat would see when the engine collects.
    insistBlind: () => {
      if (typeof WeakRef !== 'undefined' || typeof FinalizationRegistry !== 'undefined') {
        throw Error('the vat can watch the collector');
      }
      return 'blind';
    },

    // Garbage of slots, of chunks, and names, which the engine never frees.
    waste: count => {
      let last;
      for (let index = 0; index < count; index += 1) last = { index, last: { text: [index] } };
      return last.index;
    },
    wasteText: length => 'x'.repeat(length).split('x').join('yz').length,
    name: (first, count) => {
      const made = {};
      for (let index = first; index < first + count; index += 1) made[`name ${index}`] = index;
      return Object.keys(made).length;
    },
    grow: count => {
      for (let index = 0; index < count; index += 1) names.add(index);
      return names.size;
    },
    shrink: () => names.clear(),
  });
};
