/**
 * Objects for devices: turns vrefs into JavaScript objects and back, as liveslots does for vats.
 *
 * Boundary: the kernel calls `invoke`. The device's code queues messages with
 * `SO(presence).method(...)`, and keeps one piece of state. No promises in either direction.
 *
 * Invariants:
 * 1. `d+0` is the root node. Every other object that a device hands out becomes a node `d+1`,
 *    `d+2`, …. Numbers are never reused, even after a restart: the counter is in the device's
 *    vatstore. So a node of an earlier process fails and never becomes another node. Only a named
 *    node (`nameNode`) stays usable.
 * 2. A vat sees `DEVICE_FAILED` for every failure. Messages of engine errors differ between
 *    versions of Node.js, and the answer is part of the vat's transcript.
 */
import { makeMarshal, passStyleOf, type Passable } from '@endo/marshal';
import { Far } from '@endo/far';
import { ROOT_DEVICE_VREF, makeVRef, parseVRef, type VRef } from '../types/ids.js';
import type { CapData, SyscallResult } from '../types/messages.js';
import { DeviceReferenceError, DeviceStartError } from './errors.js';
import type { DeviceStartOptions } from './types.js';

/** Vatstore key of the next device node's number. */
const NEXT_NODE_KEY = 'nextNode';
/** Vatstore key of a named node's vref. */
const namedNodeKey = (name: string): string => `node.${name}`;

/** `SO(presence)`: each property is a function that queues a message and returns nothing. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- it has any method
export type SendOnly = (presence: object) => any;

/** The argument of `buildRootDeviceNode`. */
export interface DeviceTools {
  readonly SO: SendOnly;
  /** What `setDeviceState` last saved, in this process or an earlier one. */
  readonly getDeviceState: () => unknown;
  readonly setDeviceState: (state: unknown) => void;
  readonly testLog: (...args: unknown[]) => void;
  /** From the host: `deviceEndowments.<name>`. */
  readonly endowments: unknown;
  /** From the configuration: `devices.<name>.parameters`. */
  readonly deviceParameters: unknown;
  /** Marshals with the device's references. The device's objects become nodes. */
  readonly serialize: (value: unknown) => CapData<VRef>;
  /**
   * Names a node other than the root, so that vats can still use it after the process restarts.
   * Call it while building the root node, with the same names each time. Returns `node`. Not in
   * SwingSet.
   */
  readonly nameNode: <T extends object>(name: string, node: T) => T;
}

export type BuildRootDeviceNode = (tools: DeviceTools) => object;

type AnyMethod = (...args: unknown[]) => unknown;

/** The method of that name, if any. Those inherited from `Object.prototype` don't count. */
const findMethod = (target: object, name: string): AnyMethod | undefined => {
  for (
    let at: object | null = target;
    at && at !== Object.prototype;
    at = Reflect.getPrototypeOf(at)
  ) {
    const found = Reflect.getOwnPropertyDescriptor(at, name);
    if (found) return typeof found.value === 'function' ? (found.value as AnyMethod) : undefined;
  }
  return undefined;
};

/** The two-way table of a device's imports and exports, for the life of the process. */
class ObjectTable {
  /** Added since the last `settle`. */
  #fresh: VRef[] = [];
  readonly #objects = new Map<VRef, object>();
  readonly #vrefs = new Map<object, VRef>();

  add(vref: VRef, object: object): void {
    this.#objects.set(vref, object);
    this.#vrefs.set(object, vref);
    this.#fresh.push(vref);
  }
  /** Keeps or forgets what was added since the last `settle`. */
  settle(kept: boolean): void {
    for (const vref of kept ? [] : this.#fresh) {
      const object = this.#objects.get(vref);
      this.#objects.delete(vref);
      if (object && this.#vrefs.get(object) === vref) this.#vrefs.delete(object);
    }
    this.#fresh = [];
  }
  get(vref: VRef): object | undefined {
    return this.#objects.get(vref);
  }
  vrefOf(object: object): VRef | undefined {
    return this.#vrefs.get(object);
  }
}

/** Builds the device's root node and the functions around it. */
export class DeviceSlots {
  readonly #options: DeviceStartOptions;
  readonly #table = new ObjectTable();
  /** Names of nodes, stored when the node is first handed out. */
  readonly #names = new Map<object, string>();
  readonly #marshal;

  /** @throws DeviceStartError when `buildRootDeviceNode` does not return a Far object */
  constructor(buildRootDeviceNode: BuildRootDeviceNode, options: DeviceStartOptions) {
    this.#options = options;
    this.#marshal = makeMarshal<string>(
      value => this.#toVRef(value as object),
      (vref, iface) => this.#toObject(vref, iface),
      // Error IDs count per process, so they would differ between replicas.
      {
        marshalName: `device:${options.name}`,
        serializeBodyFormat: 'smallcaps',
        errorTagging: 'off',
      },
    );
    const root: unknown = buildRootDeviceNode(this.#makeTools());
    if (passStyleOf(root as Passable) !== 'remotable') {
      throw new DeviceStartError(options.name, 'buildRootDeviceNode must return a Far object');
    }
    this.#table.add(ROOT_DEVICE_VREF, root as object);
    this.#table.settle(true);
  }

  /** Forgets nodes that an undone crank handed out: the store has forgotten them too. */
  settle(kept: boolean): void {
    this.#table.settle(kept);
  }

  /** @throws what the device's method throws; also when there is no such node or method */
  invoke(target: VRef, method: string, args: CapData<VRef>): SyscallResult<VRef> {
    const node = this.#table.get(target);
    if (!node) throw new DeviceReferenceError(`no device node ${target} in this process`);
    const call = findMethod(node, method);
    if (!call) throw new TypeError(`device node ${target} has no method ${method}`);
    const result = Reflect.apply(call, node, this.#unserialize(args) as unknown[]);
    return ['ok', this.#serialize(result)];
  }

  #makeTools(): DeviceTools {
    const { state, testLog, endowments, deviceParameters } = this.#options;
    // Not hardened: the host may go on changing its endowments.
    return Object.freeze({
      SO: (presence: object) => this.#sendOnly(presence),
      getDeviceState: () => {
        const saved = state.get();
        return saved && this.#unserialize(saved);
      },
      setDeviceState: (value: unknown) => {
        state.set(this.#serialize(value));
      },
      testLog: (...args: unknown[]) => {
        testLog(...args);
      },
      endowments,
      deviceParameters,
      serialize: (value: unknown) => this.#serialize(value),
      nameNode: <T extends object>(name: string, node: T): T => {
        const vref = this.#options.syscall.vatstoreGet(namedNodeKey(name));
        if (vref !== undefined) this.#table.add(parseVRef(vref).vref, node);
        this.#names.set(node, name);
        return node;
      },
    });
  }

  #sendOnly(presence: object): Record<string, AnyMethod> {
    const target = this.#table.vrefOf(presence);
    if (!target || parseVRef(target).type !== 'object') {
      throw new DeviceReferenceError('SO(target): target must be an object of a vat');
    }
    return new Proxy(Object.freeze({}), {
      get:
        (_, method) =>
        (...args: unknown[]): void => {
          const methargs = this.#serialize(harden([method, args]));
          this.#options.syscall.sendOnly(target, methargs);
        },
      has: () => true,
    });
  }

  #serialize(value: unknown): CapData<VRef> {
    const { body, slots } = this.#marshal.toCapData(harden(value) as Passable);
    return { body, slots: slots as VRef[] };
  }
  #unserialize(data: CapData<VRef>): unknown {
    return this.#marshal.fromCapData({ body: data.body, slots: [...data.slots] });
  }

  #toVRef(object: object): VRef {
    if (object instanceof Promise) {
      throw new DeviceReferenceError('devices cannot give promises');
    }
    return this.#table.vrefOf(object) ?? this.#exportNode(object);
  }
  #exportNode(object: object): VRef {
    const { syscall } = this.#options;
    const index = Number(syscall.vatstoreGet(NEXT_NODE_KEY) ?? '1');
    syscall.vatstoreSet(NEXT_NODE_KEY, `${index + 1}`);
    const vref = makeVRef('device', true, index);
    const name = this.#names.get(object);
    if (name !== undefined) syscall.vatstoreSet(namedNodeKey(name), vref);
    this.#table.add(vref, object);
    return vref;
  }
  #toObject(slot: string, iface: string | undefined): object {
    const { vref, type, allocatedByVat } = parseVRef(slot);
    const known = this.#table.get(vref);
    if (known) return known;
    if (type === 'promise') throw new DeviceReferenceError('devices cannot take promises');
    if (allocatedByVat) throw new DeviceReferenceError(`no device node ${vref} in this process`);
    if (type === 'device') {
      throw new DeviceReferenceError(`devices should not be given other devices '${vref}'`);
    }
    const presence = Far(iface?.replace(/^Alleged: /, '') ?? 'presence', {});
    this.#table.add(vref, presence);
    return presence;
  }
}
