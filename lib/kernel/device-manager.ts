/**
 * The kernel's side of devices: their c-lists, state and hooks.
 *
 * Boundary: vats reach devices through `invoke` alone; devices reach the kernel through the
 * `DeviceSyscall` made here, also between cranks (input from outside), in which case every write
 * goes through at once.
 */
import type { DeviceHook, DeviceRuntime, DeviceSyscall } from '../devices/types.js';
import { BadIdentifierError, BadOptionError } from '../errors.js';
import type { KernelState } from '../state/kernel-state.js';
import {
  isObjectKRef,
  isPromiseKRef,
  parseDeviceKRef,
  ROOT_DEVICE_VREF,
  type DeviceID,
  type DeviceKRef,
  type KRef,
  type VRef,
} from '../types/ids.js';
import type { CapData, SyscallResult } from '../types/messages.js';
import { findFlaw, findMessageFlaw } from '../types/readable-data.js';
import { KernelBusyError } from './errors.js';
import { findExcess, insistDeliverable } from './capdata-limits.js';
import type { KernelQueue } from './kernel-queue.js';
import type { KernelPowers } from './types.js';

export class DeviceManager {
  readonly #state: KernelState;

  readonly #queue: KernelQueue;

  readonly #powers: KernelPowers;

  readonly #testLog: (...args: unknown[]) => void;

  readonly #running = new Map<DeviceID, DeviceRuntime>();

  #callsUnderWay = 0;

  readonly #hooks = new Map<DeviceID, Map<string, DeviceHook>>();

  constructor(
    state: KernelState,
    queue: KernelQueue,
    powers: KernelPowers,
    testLog: (...args: unknown[]) => void,
  ) {
    this.#state = state;
    this.#queue = queue;
    this.#powers = powers;
    this.#testLog = testLog;
  }

  /** Starts every device of the store. @throws BadOptionError for one that lacks its endowments. */
  async startAll(): Promise<void> {
    const { deviceEndowments, kernelStorage, startDevice } = this.#powers;
    for (const name of this.#state.devices.names()) {
      const deviceID = this.#state.devices.getByName(name);
      const { deviceParameters, unendowed } = this.#state.devices.getOptions(deviceID);
      const endowments = Object.hasOwn(deviceEndowments, name) ? deviceEndowments[name] : undefined;
      if (unendowed && endowments !== undefined) {
        throw new BadOptionError(
          `deviceEndowments.${name}`,
          endowments,
          'nothing: the device is configured as unendowed',
        );
      }
      const source = this.#state.devices.getSource(deviceID);
      const runtime = await startDevice(
        source && kernelStorage.bundleStore.getBundle(source.bundleID),
        {
          deviceID,
          name,
          endowments,
          deviceParameters,
          syscall: this.#makeSyscall(deviceID),
          state: {
            get: () => this.#state.devices.getState(deviceID),
            set: value => {
              this.#insistTurn('setDeviceState');
              this.#state.devices.setState(deviceID, value);
            },
          },
          testLog: this.#testLog,
        },
      );
      this.#running.set(deviceID, runtime);
    }
  }

  addHook(deviceName: string, hookName: string, hook: DeviceHook): void {
    const deviceID = this.#state.devices.getByName(deviceName);
    const hooks = this.#hooks.get(deviceID) ?? new Map<string, DeviceHook>();
    hooks.set(hookName, hook);
    this.#hooks.set(deviceID, hooks);
  }

  /** The kref of a device's root node, made at first use. */
  rootNode(deviceID: DeviceID): DeviceKRef {
    const clist = this.#state.clist(deviceID);
    const known = clist.getKRef(ROOT_DEVICE_VREF);
    if (known) return parseDeviceKRef(known);
    return this.#exportNode(deviceID, ROOT_DEVICE_VREF);
  }

  invoke(target: DeviceKRef, method: string, args: CapData<KRef>): SyscallResult<KRef> {
    const deviceID = this.#state.objects.getDeviceOwner(target);
    const runtime = this.#running.get(deviceID);
    if (!runtime) return ['error', `device ${deviceID} is not running`];
    if (args.slots.some(isPromiseKRef)) return ['error', 'devices take no promises'];
    const { vref } = this.#state.clist(deviceID).getRequiredEntry(target);
    this.#callsUnderWay += 1;
    try {
      const result = runtime.invoke(vref, method, this.#toDevice(deviceID, args));
      if (result[0] === 'error') return result;
      const data = result[1];
      if (data === null || typeof data !== 'object') {
        return ['error', `device ${deviceID} gave back malformed data`];
      }
      const excess = findExcess(data, this.#state.limits);
      if (excess) return ['error', `device ${deviceID} gave back ${excess.what}`];
      if (findFlaw(data) !== undefined)
        return ['error', `device ${deviceID} gave back malformed data`];
      return ['ok', this.#fromDevice(deviceID, data)];
    } catch (error) {
      // A device that mentions what it does not have fails its caller, not the kernel.
      if (error instanceof BadOptionError || error instanceof BadIdentifierError) {
        return ['error', `device ${deviceID} gave back references that it does not have`];
      }
      throw error;
    } finally {
      this.#callsUnderWay -= 1;
      if (runtime.keepsObjects === false) this.#forgetObjects(deviceID, args.slots);
    }
  }

  /**
   * What `invoke` would answer now and ever after, for a call that changes nothing; undefined where
   * that is not certain. For work that is done ahead of its crank.
   */
  readImmutable(
    target: DeviceKRef,
    method: string,
    args: CapData<KRef>,
  ): SyscallResult<KRef> | undefined {
    const deviceID = this.#state.objects.getDeviceOwner(target);
    const { vref } = this.#state.clist(deviceID).getRequiredEntry(target);
    if (args.slots.length > 0) return undefined;
    const data = this.#running.get(deviceID)?.readImmutable?.(vref, method);
    // References would come into the c-list of the device.
    if (!data || data.slots.length > 0 || findFlaw(data) !== undefined) return undefined;
    return ['ok', { body: data.body, slots: [] }];
  }

  /** Devices drop nothing by themselves: what passes through one would be held for ever. */
  #forgetObjects(deviceID: DeviceID, krefs: readonly KRef[]): void {
    const clist = this.#state.clist(deviceID);
    for (const kref of new Set(krefs)) {
      if (isObjectKRef(kref) && clist.getEntry(kref)) clist.delete(kref);
    }
  }

  /** Tells every device whether what it did since the last call is kept or undone. */
  settle(kept: boolean): void {
    for (const runtime of this.#running.values()) runtime.settle?.(kept);
  }

  /**
   * Input from outside must wait for the end of a crank: its place in the queue would depend on
   * the clock, and an abort would lose it.
   */
  #insistTurn(operation: string): void {
    if (this.#state.inCrank && this.#callsUnderWay === 0) throw new KernelBusyError(operation);
  }

  #makeSyscall(deviceID: DeviceID): DeviceSyscall {
    const vatstore = this.#state.vatstore(deviceID);
    return {
      sendOnly: (target, methargs) => {
        this.#insistTurn('sendOnly of a device');
        insistDeliverable(methargs, this.#state.limits, `sendOnly of device ${deviceID}`);
        const kref = this.#refFromDevice(deviceID, target);
        if (kref.startsWith('kd')) {
          throw new BadOptionError('sendOnly target', target, 'an object or promise');
        }
        const flaw = findMessageFlaw(methargs);
        if (flaw !== undefined) {
          throw new BadOptionError('sendOnly methargs', methargs, `[method, args], not ${flaw}`);
        }
        const send = () =>
          this.#queue.sendFromOutside(kref, {
            methargs: this.#fromDevice(deviceID, methargs),
            result: null,
          });
        // Input from outside comes between cranks, and the host may commit right after it.
        if (this.#state.inCrank) send();
        else this.#state.atomically(send);
      },
      vatstoreGet: key => vatstore.get(key),
      vatstoreSet: (key, value) => {
        this.#insistTurn('vatstoreSet of a device');
        vatstore.set(key, value);
      },
      vatstoreDelete: key => {
        this.#insistTurn('vatstoreDelete of a device');
        vatstore.delete(key);
      },
      vatstoreGetNextKey: priorKey => vatstore.getNextKey(priorKey),
      callKernelHook: (hookName, args) => {
        const hook = this.#hooks.get(deviceID)?.get(hookName);
        if (!hook) {
          throw new BadOptionError('device hook', hookName, `a hook of device ${deviceID}`);
        }
        const result = hook(this.#fromDevice(deviceID, args)) as CapData<KRef>;
        return this.#toDevice(deviceID, result);
      },
    };
  }

  #toDevice(deviceID: DeviceID, data: CapData<KRef>): CapData<VRef> {
    const clist = this.#state.clist(deviceID);
    return { body: data.body, slots: data.slots.map(kref => clist.importKRef(kref)) };
  }

  #fromDevice(deviceID: DeviceID, data: CapData<VRef>): CapData<KRef> {
    return {
      body: data.body,
      slots: data.slots.map(vref => this.#refFromDevice(deviceID, vref)),
    };
  }

  #refFromDevice(deviceID: DeviceID, vref: VRef): KRef {
    const known = this.#state.clist(deviceID).getKRef(vref);
    if (known) {
      if (isObjectKRef(known) && !this.#state.objects.exists(known)) {
        throw new BadOptionError('device reference', vref, 'an object that still exists');
      }
      return known;
    }
    if (!vref.startsWith('d+')) {
      throw new BadOptionError('device reference', vref, `something in the c-list of ${deviceID}`);
    }
    return this.#exportNode(deviceID, vref);
  }

  #exportNode(deviceID: DeviceID, vref: VRef): DeviceKRef {
    const kref = this.#state.objects.createDeviceNode(deviceID);
    this.#state.clist(deviceID).add(kref, vref);
    return kref;
  }
}
