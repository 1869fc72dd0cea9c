// @ts-check
/**
 * The handler, an object of a vat, that gets a device's messages from the host. It is kept in the
 * device state, as `inboundHandler`, and read at each use, because the crank that registered it may
 * have been undone.
 */

/**
 * @param {Pick<import('./device-slots.js').DeviceTools, 'SO' | 'getDeviceState' | 'setDeviceState'>} tools
 */
export const makeInboundHandler = ({ SO, getDeviceState, setDeviceState }) => {
  /** @returns {object | undefined} */
  const get = () =>
    /** @type {{ inboundHandler?: object } | undefined} */ (getDeviceState())?.inboundHandler;
  return harden({
    get,
    /** @returns {object} */
    insist() {
      const inboundHandler = get();
      if (!inboundHandler) throw Error('no vat has called registerInboundHandler yet');
      return inboundHandler;
    },
    /** @param {object | undefined} inboundHandler @throws unless it is an object of a vat */
    set(inboundHandler) {
      if (inboundHandler !== undefined) SO(inboundHandler);
      setDeviceState(harden({ .../** @type {object} */ (getDeviceState()), inboundHandler }));
    },
  });
};
harden(makeInboundHandler);
