// @ts-check
/**
 * Executes the messages of a remote.
 *
 * Remotes are not trusted. Each command is checked in full before it changes anything. A bad
 * command ends the message, but not the connection. The kernel must accept every syscall that
 * follows from an accepted command: otherwise it would terminate this vat, and with it all
 * connections.
 *
 * @import { LocalRef, Resolution, WireCommand, WireRef } from './types.js'
 * @import { Budget } from './budget.js'
 * @import { Collector } from './collector.js'
 * @import { RemotePlace } from './remote-place.js'
 * @import { Router } from './router.js'
 * @import { Tables } from './references.js'
 */
import { findFlaw, findMessageFlaw, readStyle } from '../../types/readable-data.js';
import { findExcess, isObject, parseCommands, parseHead } from './wire.js';

/** @typedef {Extract<WireCommand, { type: 'deliver' }>} DeliverCommand */
/** @typedef {Extract<WireCommand, { type: 'resolve' }>} ResolveCommand */
/** @typedef {Extract<WireCommand, { type: 'gc' }>} GcCommand */

/**
 * @param {object} powers
 * @param {Budget} powers.budget
 * @param {Tables} powers.tables
 * @param {Router} powers.router
 * @param {Collector} powers.collector
 */
export const makeReceive = ({ budget, tables: { promises }, router, collector }) => {
  /** @type {(remote: RemotePlace, refs: readonly WireRef[]) => void} */
  const checkMentions = (remote, refs) => {
    const bad = refs.find(ref => !remote.references.isKnownOrNew(ref));
    if (bad) throw Error(`I don't remember giving ${bad} to ${remote.id}`);
  };

  /** @param {string | undefined} flaw */
  const checkReadable = flaw => {
    if (flaw !== undefined) throw Error(`nobody can read that: ${flaw}`);
  };

  /** @type {(remote: RemotePlace, promise: LocalRef) => boolean} */
  const decides = (remote, promise) =>
    !promises.isResolved(promise) && promises.deciderOf(promise) === remote.id;

  /** @type {(remote: RemotePlace, command: DeliverCommand) => void} */
  const deliver = (remote, { target, result, methargs: { body, slots } }) => {
    checkReadable(findMessageFlaw({ body, slots }) ?? findExcess({ body, slots }));
    checkMentions(remote, [...slots, ...(result ? [result] : [])]);
    const local = remote.clist.lookUp(target);
    if (!local) throw Error(`there is no ${target} to deliver to`);
    checkMentions(remote, [target]);
    if (result) {
      const known = remote.clist.lookUp(result);
      if (isObject(result) || (known && !decides(remote, known))) {
        throw Error(`${result} can't be the result: it is not the sender's to decide`);
      }
    }
    const methargs = { body, slots: slots.map(remote.importRef) };
    const promise = result && remote.importRef(result);
    if (promise) remote.references.takeDecision(promise);
    router.send(local, methargs, promise);
  };

  /** @type {(remote: RemotePlace, commands: readonly ResolveCommand[]) => void} */
  const resolve = (remote, commands) => {
    for (const { promise, rejected, data } of commands) {
      checkReadable(findFlaw(data) ?? findExcess(data));
      // No kernel sends this, and a promise resolved to itself would never be freed.
      if (!rejected && readStyle(data)?.style === 'promise') {
        throw Error(`${promise} can't be fulfilled with a promise`);
      }
    }
    const mentions = commands.flatMap(({ data }) => data.slots);
    checkMentions(remote, mentions);
    const introduced = new Set(mentions);
    const seen = new Set();
    for (const { promise: ref } of commands) {
      const known = remote.clist.lookUp(ref);
      const ok = known ? !isObject(ref) && decides(remote, known) : introduced.has(ref);
      if (!ok || isObject(ref) || seen.has(ref)) {
        throw Error(`${ref} is not a promise that the sender can resolve`);
      }
      seen.add(ref);
    }
    const contents = commands.map(({ data: { body, slots } }) => ({
      body,
      slots: slots.map(remote.importRef),
    }));
    /** @type {Resolution[]} */
    const resolutions = commands.map(({ promise, rejected }, index) => ({
      promise: remote.importRef(promise),
      rejected,
      data: /** @type {Resolution['data']} */ (contents[index]),
    }));
    router.resolve(remote.id, resolutions);
  };

  /** @type {(remote: RemotePlace, command: GcCommand, ackNum: number) => void} */
  const collect = (remote, { action, object: ref }, ackNum) => {
    const object = remote.clist.lookUp(ref);
    // Both sides may retire an object at the same time.
    if (!object) return;
    if (!isObject(ref)) throw Error(`${action}: ${ref} is not an object`);
    switch (action) {
      case 'dropExport':
        return remote.dropImport(object, ackNum);
      case 'retireExport':
        return remote.retireImport(object, ackNum);
      case 'retireImport':
        if (remote.references.isImport(object)) throw Error(`${ref} is not the sender's to retire`);
        return collector.retireByOwner(object);
      default:
        throw Error(`unknown action ${action}`);
    }
  };

  /**
   * @param {RemotePlace} remote
   * @param {unknown} text
   */
  return (remote, text) => {
    const { seqNum, ackNum, rest } = parseHead(text);
    if (!remote.acceptHead(seqNum, ackNum)) return;
    const commands = parseCommands(rest);
    for (let next = 0; next < commands.length; next += 1) {
      // Comms vats send one message to an object at a time, which costs little.
      if (budget.isSpent()) throw Error('the message asks for too much');
      const command = /** @type {WireCommand} */ (commands[next]);
      if (command.type === 'deliver') {
        deliver(remote, command);
      } else if (command.type === 'gc') {
        collect(remote, command, ackNum);
      } else {
        // Adjacent resolutions may refer to each other's promises, so check them together.
        const batch = [command];
        for (let more = commands[next + 1]; more?.type === 'resolve'; more = commands[next + 1]) {
          batch.push(more);
          next += 1;
        }
        resolve(remote, batch);
      }
    }
  };
};
