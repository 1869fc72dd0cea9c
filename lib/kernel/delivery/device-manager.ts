/**
 * The kernel's side of devices: their c-lists, state and hooks.
 *
 * Boundary: vats reach devices through `invoke` only. Devices reach the kernel through the
 * `DeviceSyscall` made here. They may also use it between cranks, for input from outside; then each
 * write reaches the store's transaction at once.
 */
import type {
  DeviceHook,
  DeviceRuntime,
  DeviceStartOptions,
  DeviceSyscall,
} from '../../devices/types.js';
import type { Bundle, KernelStorage } from '../../store/types.js';
import { BadIdentifierError, BadOptionError, KernelStateError } from '../../errors.js';
import type { KernelState } from '../../state/kernel-state.js';
import {
  isObjectKRef,
  parseDeviceKRef,
  ROOT_DEVICE_VREF,
  type DeviceID,
  type DeviceKRef,
  type KRef,
  type VRef,
} from '../../types/ids.js';
import type { CapData, SyscallResult } from '../../types/messages.js';
import { findFlaw, findMessageFlaw } from '../../types/readable-data.js';
import { DeviceCalls } from './device-calls.js';
import { KernelBusyError } from './errors.js';
import { findExcess, insistDeliverable } from './capdata-limits.js';
import type { Messenger } from './messenger.js';

interface OwnedHook {
  readonly hook: DeviceHook;
  /** The kernel calls a host's hook once per crank, like a device's code (`device-calls.ts`). */
  readonly owner: 'kernel' | 'host';
}

/** Repeats an effect. If it fails, it failed in the first try too, and the device handled that. */
const redo = (effect: () => void): void => {
  try {
    effect();
  } catch (error) {
    if (error instanceof KernelStateError) throw error;
  }
};

/** What the manager needs to start devices. */
export interface DevicePowers {
  readonly kernelStorage: KernelStorage;
  /** Starts a device's code: from its bundle, or built-in code if it has none. */
  readonly startDevice: (
    bundle: Bundle | undefined,
    options: DeviceStartOptions,
  ) => Promise<DeviceRuntime>;
  readonly deviceEndowments: Readonly<Record<string, unknown>>;
}

export interface DeviceManagerParts {
  readonly state: KernelState;
  readonly queue: Messenger;
  readonly powers: DevicePowers;
  readonly testLog: (...args: unknown[]) => void;
  /** @throws KernelNotRunningError when the kernel has stopped */
  readonly insistOpen: (operation: string) => void;
}

export class DeviceManager {
  readonly #state: KernelState;

  readonly #queue: Messenger;

  readonly #powers: DevicePowers;

  readonly #testLog: (...args: unknown[]) => void;

  readonly #insistOpen: (operation: string) => void;

  readonly #running = new Map<DeviceID, DeviceRuntime>();

  readonly #calls = new DeviceCalls();

  #callsUnderWay = 0;

  readonly #hooks = new Map<DeviceID, Map<string, OwnedHook>>();

  constructor({ state, queue, powers, testLog, insistOpen }: DeviceManagerParts) {
    this.#state = state;
    this.#queue = queue;
    this.#powers = powers;
    this.#testLog = testLog;
    this.#insistOpen = insistOpen;
  }

  /** Starts every device in the store. @throws BadOptionError for endowments that don't fit */
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
              this.#calls.note(() => this.#state.devices.setState(deviceID, value));
            },
          },
          testLog: this.#testLog,
        },
      );
      this.#running.set(deviceID, runtime);
    }
  }

  /** @param owner - `kernel` for hooks that change only kernel tables: these run in every try */
  addHook(
    deviceName: string,
    hookName: string,
    hook: DeviceHook,
    owner: OwnedHook['owner'] = 'host',
  ): void {
    const deviceID = this.#state.devices.getByName(deviceName);
    const hooks = this.#hooks.get(deviceID) ?? new Map<string, OwnedHook>();
    hooks.set(hookName, { hook, owner });
    this.#hooks.set(deviceID, hooks);
  }

  /** The kref of a device's root node, created on first use. */
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
    const { vref } = this.#state.clist(deviceID).getRequiredEntry(target);
    this.#callsUnderWay += 1;
    try {
      const vargs = this.#toDevice(deviceID, args);
      const result = this.#calls.result(
        { target, method, args },
        () => runtime.invoke(vref, method, vargs),
        redo,
      );
      if (result[0] === 'error') return result;
      const data = result[1];
      if (data === null || typeof data !== 'object') {
        return ['error', `device ${deviceID} gave back malformed data`];
      }
      const excess = findExcess(data, this.#state.settings.limits);
      if (excess) return ['error', `device ${deviceID} gave back ${excess.what}`];
      if (findFlaw(data) !== undefined)
        return ['error', `device ${deviceID} gave back malformed data`];
      return ['ok', this.#fromDevice(deviceID, data)];
    } catch (error) {
      // A device that returns a reference it does not have fails its caller, not the kernel.
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
   * The result of a call that changes nothing and always returns the same, or undefined if the
   * device does not promise that. Vats that start ahead of their cranks use it.
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
    // Translating references would change the device's c-list.
    if (!data || data.slots.length > 0 || findFlaw(data) !== undefined) return undefined;
    return ['ok', { body: data.body, slots: [] }];
  }

  /** Devices never drop imports, so what passes through one would be held forever. */
  #forgetObjects(deviceID: DeviceID, krefs: readonly KRef[]): void {
    const clist = this.#state.clist(deviceID);
    for (const kref of new Set(krefs)) {
      if (isObjectKRef(kref) && clist.getEntry(kref)) clist.delete(kref);
    }
  }

  /** The crank runs again: its device calls get their recorded results. */
  rewind(): void {
    this.#calls.rewind();
  }

  /** @throws DeviceCallsDifferError when a try ended without calls that an earlier one made */
  insistRepeated(): void {
    this.#calls.insistRepeated();
  }

  /** Tells every device whether its changes since the last `settle` are kept or undone. */
  settle(kept: boolean): void {
    this.#calls.forget();
    for (const runtime of this.#running.values()) runtime.settle?.(kept);
  }

  /**
   * Input from outside must wait until the crank ends. Otherwise its place in the queue would
   * depend on timing, and an abort would lose it. After the kernel's end, the store may be another
   * kernel's.
   */
  #insistTurn(operation: string): void {
    if (!this.#state.inCrank) this.#insistOpen(operation);
    if (this.#state.inCrank && this.#callsUnderWay === 0) throw new KernelBusyError(operation);
  }

  #makeSyscall(deviceID: DeviceID): DeviceSyscall {
    const vatstore = this.#state.vatstore(deviceID);
    return {
      sendOnly: (target, methargs) => {
        this.#insistTurn('sendOnly of a device');
        insistDeliverable(methargs, this.#state.settings.limits, `sendOnly of device ${deviceID}`);
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
        // Between cranks the host may commit right after this, so it must be atomic.
        if (this.#state.inCrank) this.#calls.note(send);
        else this.#state.atomically(send);
      },
      vatstoreGet: key => vatstore.get(key),
      vatstoreSet: (key, value) => {
        this.#insistTurn('vatstoreSet of a device');
        this.#calls.note(() => vatstore.set(key, value));
      },
      vatstoreDelete: key => {
        this.#insistTurn('vatstoreDelete of a device');
        this.#calls.note(() => vatstore.delete(key));
      },
      vatstoreGetNextKey: priorKey => vatstore.getNextKey(priorKey),
      callKernelHook: (hookName, args) => {
        const found = this.#hooks.get(deviceID)?.get(hookName);
        if (!found) {
          throw new BadOptionError('device hook', hookName, `a hook of device ${deviceID}`);
        }
        return this.#callHook(deviceID, found, args);
      },
    };
  }

  #callHook(deviceID: DeviceID, { hook, owner }: OwnedHook, args: CapData<VRef>): CapData<VRef> {
    const call = () => hook(this.#fromDevice(deviceID, args)) as CapData<KRef>;
    let result: CapData<VRef> | undefined;
    if (owner === 'kernel') {
      this.#calls.note(() => {
        result = this.#toDevice(deviceID, call());
      });
    } else {
      const said = this.#calls.noteResult(call, () => this.#fromDevice(deviceID, args));
      this.#calls.note(() => {
        result = this.#toDevice(deviceID, said);
      });
    }
    return result as CapData<VRef>;
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
