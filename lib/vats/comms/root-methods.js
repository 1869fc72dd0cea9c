// @ts-check
/**
 * The methods of the root, for the vat that sets up connections. A bad call is rejected. It must
 * not end this vat, which serves all connections.
 *
 * @import { Data, Syscall, VatRef } from './types.js'
 * @import { KernelPlace } from './kernel-place.js'
 * @import { Remotes } from './remotes.js'
 */
import { isShortName } from '../brief.js';
import { SlotArgument, callData, referenceData, undefinedData } from './marshalled.js';

/** Numbers that are allocated lie above, and must stay safe integers. */
const MAX_INDEX = 2 ** 52;

/**
 * @param {object} powers
 * @param {Syscall} powers.syscall
 * @param {KernelPlace} powers.kernel
 * @param {Remotes} powers.remotes
 */
export const makeRootMethods = ({ syscall, kernel, remotes }) => {
  /** @param {unknown} name */
  const checkName = name => {
    if (typeof name !== 'string' || name === '') throw Error('a remote needs a name');
    if (!isShortName(name)) throw Error('the name of a remote is too long');
    return name;
  };
  /** @param {unknown} index */
  const checkIndex = index => {
    const number = typeof index === 'bigint' ? Number(index) : index;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
      throw Error('an index must be a non-negative integer');
    }
    if (number > MAX_INDEX) throw Error(`an index must be at most ${MAX_INDEX}`);
    return number;
  };
  /** Others than strings that mean nothing are ignored, as in SwingSet. @param {unknown} iface */
  const checkIface = iface => {
    if (!iface) return undefined;
    if (typeof iface !== 'string') throw Error('unexpected iface type in addIngress()');
    if (!isShortName(iface)) throw Error('the interface name in addIngress() is too long');
    return iface;
  };
  /** @type {(arg: unknown, slots: readonly VatRef[], what: string) => VatRef} */
  const checkObject = (arg, slots, what) => {
    const vref = arg instanceof SlotArgument ? slots[arg.index] : undefined;
    if (!vref?.startsWith('o')) throw Error(`bad ${what}: it must be an object`);
    return vref;
  };

  /** @type {Record<string, (args: readonly unknown[], slots: readonly VatRef[]) => Data<VatRef>>} */
  const methods = {
    /** `addRemote(name, transmitter, setReceiver)`, with the result of vattp's `addRemote`. */
    addRemote([nameArg, transmitterArg, setReceiverArg], slots) {
      const name = checkName(nameArg);
      const transmitter = checkObject(transmitterArg, slots, '"transmitter" arg for addRemote()');
      const setReceiver = checkObject(setReceiverArg, slots, '"setReceiver" arg for addRemote()');
      const receiver = remotes.add(name, transmitter);
      syscall.send(setReceiver, callData('setReceiver', { ref: receiver }));
      return undefinedData;
    },

    /** `addEgress(remoteName, index, object)`: lets the remote import `object` by `index`. */
    addEgress([nameArg, indexArg, objectArg], slots) {
      const remote = remotes.getByName(checkName(nameArg));
      const inbound = remote.wellKnownRef('egress', checkIndex(indexArg));
      const vref = checkObject(objectArg, slots, '"obj0" arg for addEgress()');
      const problem = kernel.findUnmentionable([vref]);
      if (problem) throw Error(problem);
      const known = kernel.clist.lookUp(vref);
      const taken = remote.clist.lookUp(inbound);
      if (known && known === taken) return undefinedData;
      if (taken) throw Error(`${inbound} is another object already`);
      if (known && remote.clist.refFor(known)) {
        throw Error(`the object is ${remote.clist.refFor(known)} for the remote already`);
      }
      remote.addEgress(kernel.importRef(vref), inbound);
      return undefinedData;
    },

    /**
     * `addIngress(remoteName, index, iface)`: returns the object that the remote exports as
     * `index`, under the interface name `iface`.
     */
    addIngress([nameArg, indexArg, ifaceArg]) {
      const remote = remotes.getByName(checkName(nameArg));
      const index = checkIndex(indexArg);
      const iface = checkIface(ifaceArg);
      const object = remote.importRef(remote.wellKnownRef('ingress', index));
      return referenceData(kernel.exportRef(object), iface);
    },
  };

  /**
   * @param {unknown} method
   * @param {readonly unknown[]} args
   * @param {readonly VatRef[]} slots
   * @throws when the call is bad; then nothing has changed
   */
  return (method, args, slots) => {
    if (typeof method !== 'string' || !Object.hasOwn(methods, method)) {
      throw Error(`method ${String(method)} is not available`);
    }
    return /** @type {any} */ (methods)[method](args, slots);
  };
};
