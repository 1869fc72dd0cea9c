// @ts-check
/**
 * The plugin device: connects a vat to host modules over CapTP. Not for replicated machines,
 * because a plugin may answer at any time.
 *
 * Endowments: `import(module)`, `queueThunkForKernel(thunk)`, `registerResetter(fn)`,
 * `getPluginDir()`. State: `{ registeredReceiver, connectedMods, connectedState, nextEpochs }`. The
 * last three are lists by connection.
 */
import { makeCapTP } from '@endo/captp';
import { Far, passStyleOf } from '@endo/far';

/**
 * @typedef {object} PluginState
 * @property {object} [registeredReceiver]
 * @property {string[]} connectedMods
 * @property {unknown[]} connectedState
 * @property {number[]} nextEpochs
 * @typedef {object} PluginEndowments
 * @property {(module: string) => Promise<any>} import
 * @property {(thunk: () => void) => void} queueThunkForKernel
 * @property {(resetter: () => void) => void} registerResetter
 * @property {() => string} getPluginDir
 * @typedef {{ dispatch: (message: any) => boolean, abort: (reason?: any) => void }} CapTP
 */

/** @type {import('../device-slots.js').BuildRootDeviceNode} */
export const buildRootDeviceNode = ({ SO, getDeviceState, setDeviceState, endowments }) => {
  const host = /** @type {PluginEndowments} */ (endowments);
  /** @type {Map<number, Promise<CapTP | undefined>>} connections of this process */
  const connections = new Map();

  /** @returns {PluginState} */
  const getState = () =>
    /** @type {any} */ (getDeviceState()) ?? {
      connectedMods: [],
      connectedState: [],
      nextEpochs: [],
    };
  /** @param {Partial<PluginState>} change */
  const changeState = change => setDeviceState(harden({ ...getState(), ...change }));
  /**
   * A copy with one element replaced, and no holes, because a hole can't be saved.
   * @param {readonly any[]} list
   * @param {number} index
   * @param {unknown} value
   */
  const replaced = (list, index, value) =>
    Array.from({ length: Math.max(list.length, index + 1) }, (_, at) =>
      at === index ? value : list[at],
    );

  /** Sends to the receiver. Call it when the host allows: a plugin may act during a crank. */
  const tellReceiver = (/** @type {string} */ method, /** @type {unknown[]} */ ...args) => {
    const { registeredReceiver } = getState();
    if (registeredReceiver) SO(registeredReceiver)[method](...args);
  };

  /** @param {number} index @param {string} module @param {number} epoch */
  const openConnection = async (index, module, epoch) => {
    const { bootPlugin } = await host.import(module);
    const plugin = bootPlugin(
      harden({
        getState: () => getState().connectedState[index],
        setState: (/** @type {unknown} */ state) =>
          changeState({ connectedState: replaced(getState().connectedState, index, state) }),
      }),
    );
    /** @param {any} message */
    const send = message => {
      // Check here, so that a bad message fails the plugin and not the host, which runs the thunk.
      passStyleOf(harden(message));
      host.queueThunkForKernel(() => tellReceiver('dispatch', index, message));
    };
    return makeCapTP(module, send, plugin, { epoch });
  };

  /** The epoch distinguishes answers to current questions from those of an earlier connection. */
  const connect = (/** @type {number} */ index) => {
    const { connectedMods, nextEpochs } = getState();
    const module = /** @type {string} */ (connectedMods[index]);
    const epoch = nextEpochs[index] ?? 0;
    changeState({ nextEpochs: replaced(nextEpochs, index, epoch + 1) });
    connections.set(
      index,
      openConnection(index, module, epoch).catch(error => {
        console.error(`plugin ${module}: can't connect`, error);
        return undefined;
      }),
    );
    return epoch;
  };

  host.registerResetter(() => {
    for (const index of getState().connectedMods.keys()) {
      connections
        .get(index)
        ?.then(captp => captp?.abort(Error('plugin device was reset')))
        .catch(error => console.error(`plugin connection ${index}: can't be closed`, error));
      const epoch = connect(index);
      tellReceiver('reset', index, epoch);
    }
  });

  return Far('plugin', {
    getPluginDir: () => host.getPluginDir(),
    /** Returns the connection's index. @param {string} module a name for the host's `import` */
    connect(module) {
      const { connectedMods } = getState();
      const index = connectedMods.length;
      changeState({ connectedMods: [...connectedMods, `${module}`] });
      connect(index);
      return index;
    },
    /** @param {number} index @param {unknown} message a CapTP message */
    send(index, message) {
      const isIndex = Number.isSafeInteger(index) && index >= 0;
      if (!isIndex || index >= getState().connectedMods.length) {
        throw Error(`no connection ${index}`);
      }
      if (!connections.has(index)) connect(index);
      // An unhandled rejection would end the host's process.
      connections
        .get(index)
        ?.then(captp => captp?.dispatch(message))
        .catch(error => console.error(`plugin connection ${index}: bad message`, error));
    },
    /** @param {object} receiver gets `dispatch(index, message)` and `reset(index, epoch)` */
    registerReceiver(receiver) {
      SO(receiver);
      changeState({ registeredReceiver: receiver });
    },
  });
};
harden(buildRootDeviceNode);
