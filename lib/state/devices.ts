/** Records of devices: `device.*`, `dNN.source`, `.options`, `.deviceState`. */
import { BadOptionError } from '../errors.js';
import { makeDeviceID, type DeviceID, type VRef } from '../types/ids.js';
import type { CapData } from '../types/messages.js';
import type { DeviceOptions, VatSource } from '../types/vat-options.js';
import { startCounters } from './clists.js';
import { takeNumber } from './counters.js';
import type { CrankBuffer } from './crank-buffer.js';
import { deviceRows, globalRows } from './rows.js';
import { FIRST_IDS } from './schema.js';

export class DeviceTable {
  readonly #kv: CrankBuffer;

  constructor(kv: CrankBuffer) {
    this.#kv = kv;
  }

  create(name: string, source: VatSource | undefined, options: DeviceOptions): DeviceID {
    const deviceID = makeDeviceID(
      takeNumber(this.#kv, globalRows.nextDeviceID, [], FIRST_IDS.device),
    );
    deviceRows.byName.write(this.#kv, deviceID, name);
    globalRows.deviceNames.write(this.#kv, [...this.names(), name]);
    if (source) deviceRows.source.write(this.#kv, source, deviceID);
    deviceRows.options.write(this.#kv, options, deviceID);
    startCounters(this.#kv, deviceID);
    return deviceID;
  }

  names(): string[] {
    return globalRows.deviceNames.read(this.#kv) ?? [];
  }

  findByName(name: string): DeviceID | undefined {
    return deviceRows.byName.read(this.#kv, name);
  }

  /** @throws BadOptionError if no device has this name. */
  getByName(name: string): DeviceID {
    const deviceID = this.findByName(name);
    if (!deviceID) throw new BadOptionError('device name', name, 'the name of a device');
    return deviceID;
  }

  getSource(deviceID: DeviceID): VatSource | undefined {
    return deviceRows.source.read(this.#kv, deviceID);
  }

  getOptions(deviceID: DeviceID): DeviceOptions {
    return deviceRows.options.require(this.#kv, deviceID);
  }

  getState(deviceID: DeviceID): CapData<VRef> | undefined {
    return deviceRows.state.read(this.#kv, deviceID);
  }

  setState(deviceID: DeviceID, state: CapData<VRef>): void {
    deviceRows.state.write(this.#kv, state, deviceID);
  }
}
