// @ts-check
/**
 * Creates remotes and finds them by ID, name or receiver.
 *
 * Keys: `r.nextID`, `identifierBase`, `rname.<name>`, `r.<receiver vref>`, `meta.<vref>`.
 *
 * @import { Budget } from './budget.js'
 * @import { PlaceID, VatRef } from './types.js'
 * @import { RemotePlace } from './remote-place.js'
 * @import { Store } from './store.js'
 * @import { Tables } from './references.js'
 */
import { brief } from '../brief.js';
import { makeRemotePlace } from './remote-place.js';

/** Offset between the first numbers of successive remotes. It makes logs easier to read. */
const NUMBERS_PER_REMOTE = 1000;

/**
 * @param {Budget} budget
 * @param {Store} store
 * @param {Tables} tables
 */
export const makeRemotes = (budget, store, tables) => {
  /** @type {Map<PlaceID, RemotePlace>} */
  const places = new Map();
  /** @type {(id: PlaceID) => RemotePlace} */
  const get = id => {
    let place = places.get(id);
    if (!place) {
      place = makeRemotePlace(budget, store, tables, id);
      places.set(id, place);
    }
    return place;
  };

  return harden({
    get,
    /** Ends a delivery. */
    finish() {
      for (const place of places.values()) place.finish();
    },
    /** @type {(name: string) => RemotePlace} */
    getByName(name) {
      const id = store.get(`rname.${name}`);
      if (!id) throw Error(`unknown remote name ${brief(JSON.stringify(name))}`);
      return get(id);
    },
    /** The remote whose receiver this is. @type {(vref: VatRef) => RemotePlace | undefined} */
    findByReceiver(vref) {
      const id = store.get(`r.${vref}`);
      return id === undefined ? undefined : get(id);
    },

    /**
     * Creates a remote and returns its receiver.
     *
     * @param {string} name
     * @param {VatRef} transmitter
     * @returns {VatRef}
     */
    add(name, transmitter) {
      if (store.has(`rname.${name}`)) {
        throw Error(`remote name ${brief(JSON.stringify(name))} already in use`);
      }
      const id = `r${store.allocate('r.nextID')}`;
      const base = store.getNumber('identifierBase');
      store.set('identifierBase', base + NUMBERS_PER_REMOTE);
      store.set(`${id}.sendSeq`, 1);
      store.set(`${id}.recvSeq`, 0);
      store.set(`${id}.o.nextID`, 20 + base);
      store.set(`${id}.p.nextID`, 40 + base);
      store.setJSON(`${id}.rq`, []);
      store.set(`${id}.transmitterID`, transmitter);
      store.set(`meta.${transmitter}`, 'true');
      store.set(`${id}.name`, name);
      store.set(`${id}.initialized`, 'true');
      store.set(`rname.${name}`, id);
      const receiver = `o+${store.allocate('o.nextID')}`;
      store.set(`meta.${receiver}`, 'true');
      store.set(`r.${receiver}`, id);
      return receiver;
    },
  });
};

/** @typedef {ReturnType<typeof makeRemotes>} Remotes */
