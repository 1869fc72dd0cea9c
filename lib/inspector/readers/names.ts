/** Names of vats and devices. Static vats and devices are found by name, dynamic ones have options. */
import type { KernelState } from '../../state/kernel-state.js';
import { isDeviceID, type ClistOwner, type DeviceID } from '../../types/ids.js';

type Tables = Pick<KernelState, 'vats' | 'devices'>;

export const allDevices = ({
  devices,
}: Tables): readonly { readonly deviceID: DeviceID; readonly name: string }[] =>
  devices.names().flatMap(name => {
    const deviceID = devices.findByName(name);
    return deviceID === undefined ? [] : [{ deviceID, name }];
  });

export const nameOf = (state: Tables, owner: ClistOwner): string | null => {
  if (isDeviceID(owner)) {
    return allDevices(state).find(({ deviceID }) => deviceID === owner)?.name ?? null;
  }
  return state.vats.exists(owner) ? (state.vats.getOptions(owner).name ?? null) : null;
};
