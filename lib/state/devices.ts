/** Records of devices: `device.*`, `dNN.source`, `.options`, `.deviceState`. */
import { BadOptionError } from '../errors.js';
import { makeDeviceID, parseDeviceID, type DeviceID, type VRef } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { VatSource } from '../types/vat-options.js';
import { getJSON, getRequiredJSON, setJSON, takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import { deviceKeys, FIRST_IDS, globalKeys } from './schema.js';

export interface DeviceOptions {
  readonly deviceParameters?: unknown;
  readonly unendowed?: boolean;
}

export class DeviceTable {
  readonly #kv: CrankBuffer;

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
  }

  create(name: string, source: VatSource | undefined, options: DeviceOptions): DeviceID {
    const deviceID = makeDeviceID(takeNumber(this.#kv, globalKeys.nextDeviceID, FIRST_IDS.device));
    this.#kv.set(deviceKeys.byName(name), deviceID);
    setJSON(this.#kv, globalKeys.deviceNames, [...this.names(), name]);
    if (source) setJSON(this.#kv, deviceKeys.source(deviceID), source);
    setJSON(this.#kv, deviceKeys.options(deviceID), options);
    return deviceID;
  }

  names(): string[] {
    return getJSON(this.#kv, globalKeys.deviceNames) ?? [];
  }

  findByName(name: string): DeviceID | undefined {
    const deviceID = this.#kv.get(deviceKeys.byName(name));
    return deviceID === undefined ? undefined : parseDeviceID(deviceID);
  }

  /** @throws BadOptionError when no device has this name. */
  getByName(name: string): DeviceID {
    const deviceID = this.findByName(name);
    if (!deviceID) throw new BadOptionError('device name', name, 'the name of a device');
    return deviceID;
  }

  getSource(deviceID: DeviceID): VatSource | undefined {
    return getJSON(this.#kv, deviceKeys.source(deviceID));
  }

  getOptions(deviceID: DeviceID): DeviceOptions {
    return getRequiredJSON(this.#kv, deviceKeys.options(deviceID));
  }

  getState(deviceID: DeviceID): CapData<VRef> | undefined {
    return getJSON(this.#kv, deviceKeys.state(deviceID));
  }

  setState(deviceID: DeviceID, state: CapData<VRef>): void {
    setJSON(this.#kv, deviceKeys.state(deviceID), state);
  }
}
