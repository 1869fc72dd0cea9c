/**
 * A vat that does one thing that no vat should, when a message or the start of a later life asks for
 * it. Until then, and after what it survives, it is a vat like others.
 */
import { E, Far } from '@endo/far';
import { prepareExo, provide, makeScalarBigMapStore } from '@agoric/vat-data';
import { endings } from './endings.js';
import { exhaustion } from './exhaustion.js';
import { messages } from './messages.js';
import { reaches } from './reaches.js';
import { storage } from './storage.js';

const misdeeds = { ...endings, ...exhaustion, ...messages, ...reaches, ...storage };

export const buildRootObject = (vatPowers, { atStart } = {}, baggage) => {
  // The one durable kind that every life must define again.
  if (atStart !== 'forgetsKind') prepareExo(baggage, 'thing', undefined, { use: () => 'used' });
  const notes = provide(baggage, 'notes', () => makeScalarBigMapStore('notes', { durable: true }));
  const held = new Map();
  let friend;
  const power = () => ({ vatPowers, baggage, notes, friend });

  const self = Far('hostile', {
    /** A vat like this one, and something of ours for it to hold. */
    meet(other) {
      friend = other;
      return E(other).hold('theirs', Far('theirs', { use: () => 'still there' }));
    },
    misbehave: name => misdeeds[name](power()),
    ping: () => 'pong',
    // What another vat of this kind asks it to do.
    hold: (name, thing) => void held.set(name, thing),
    use: name => E(held.get(name)).use(),
    count: (...args) => args.length,
    echo: value => value,
  });

  if (atStart === undefined || atStart === 'forgetsKind') return self;
  const { asRoot } = misdeeds[atStart];
  if (asRoot) return asRoot(power());
  const done = misdeeds[atStart](power());
  // What goes on, or fails later, is part of the start.
  return Promise.resolve(done).then(() => self);
};
