// @ts-check
/**
 * Bundlecaps: device nodes that stand for installed bundles. The `bundle` device, which bundles
 * this file, and the built-in `vatAdmin` device share it.
 *
 * The device's vatstore holds the two-way table between nodes and bundleIDs, in SwingSet's keys:
 * `slot.<node>` = bundleID, `id.<bundleID>` = node, `nextDev` = number of the next node.
 */

/**
 * @import { CapData, SyscallResult } from '../../types/messages.js'
 * @import { VRef } from '../../types/ids.js'
 * @import { DeviceSyscall } from '../types.js'
 */

const NEXT_NODE = 'nextDev';

/**
 * @param {unknown} value plain data
 * @returns {CapData<VRef>}
 */
const serializePlain = value => ({ body: `#${JSON.stringify(value)}`, slots: [] });

/** @param {string} node */
const serializeNode = node => ({
  body: '#"$0.Alleged: device node"',
  slots: [/** @type {VRef} */ (node)],
});

/** Reads booleans, undefined and unescaped strings. @param {CapData<VRef>} data @returns {any} */
const parsePlain = ({ body }) => {
  const value = JSON.parse(body.startsWith('#') ? body.slice(1) : body);
  return value === '#undefined' || value?.['@qclass'] === 'undefined' ? undefined : value;
};

/**
 * A bundleID needs no unescaping, so this needs no marshaller.
 * @param {CapData<VRef>} args
 * @returns {string}
 */
const parseBundleIDArg = args => {
  const [bundleID] = parsePlain(args);
  if (!/^b1-[0-9a-f]{128}$/.test(bundleID)) throw TypeError(`not a bundleID: ${bundleID}`);
  return bundleID;
};

/**
 * @param {DeviceSyscall} syscall
 * @returns {{
 *   invoke: (target: VRef, method: string, args: CapData<VRef>) => SyscallResult<VRef> | undefined,
 *   readImmutable: (target: VRef, method: string) => SyscallResult<VRef> | undefined,
 * }} both return undefined for a method that is not about bundles, and throw for a bad call
 */
export const makeBundleNodes = syscall => {
  /** @param {string} bundleID */
  const nodeFor = bundleID => {
    const known = syscall.vatstoreGet(`id.${bundleID}`);
    if (known) return known;
    const index = Number(syscall.vatstoreGet(NEXT_NODE) ?? '1');
    const node = `d+${index}`;
    syscall.vatstoreSet(NEXT_NODE, `${index + 1}`);
    syscall.vatstoreSet(`slot.${node}`, bundleID);
    syscall.vatstoreSet(`id.${bundleID}`, node);
    return node;
  };

  /** @param {CapData<VRef>} args one name @returns {string} */
  const bundleIDByName = args => {
    const bundleID = parsePlain(syscall.callKernelHook('getNamedBundleID', args));
    if (bundleID === undefined) throw Error(`no bundle has the name in ${args.body}`);
    return bundleID;
  };

  /** @param {CapData<VRef>} data @returns {SyscallResult<VRef>} */
  const ok = data => harden(['ok', data]);

  /** @param {string} method @param {CapData<VRef>} args */
  const invokeRoot = (method, args) => {
    switch (method) {
      case 'getBundleCap': {
        const bundleID = parseBundleIDArg(args);
        const installed = syscall.callKernelHook('hasBundle', args);
        if (parsePlain(installed) !== true) return ok(serializePlain('#undefined'));
        return ok(serializeNode(nodeFor(bundleID)));
      }
      case 'getNamedBundleCap':
        return ok(serializeNode(nodeFor(bundleIDByName(args))));
      case 'getBundleIDByName':
        return ok(serializePlain(bundleIDByName(args)));
      default:
        return undefined;
    }
  };

  /** @param {VRef} node @param {string} method */
  const invokeNode = (node, method) => {
    const bundleID = syscall.vatstoreGet(`slot.${node}`);
    if (!bundleID) throw Error(`unknown device node ${node}`);
    switch (method) {
      case 'getBundleID':
        return ok(serializePlain(bundleID));
      case 'getBundle':
        return ok(syscall.callKernelHook('getBundle', serializePlain([bundleID])));
      default:
        throw TypeError(`a bundlecap has no method ${method}`);
    }
  };

  return harden({
    invoke: (target, method, args) =>
      target === 'd+0' ? invokeRoot(method, args) : invokeNode(target, method),
    // A node always stands for the same bundle, and a bundle never changes.
    readImmutable: (target, method) => (target === 'd+0' ? undefined : invokeNode(target, method)),
  });
};
harden(makeBundleNodes);
