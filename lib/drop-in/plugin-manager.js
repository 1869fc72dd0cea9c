/**
 * The vat's side of the plugin device: loads modules of the host and speaks CapTP with them.
 *
 * Invariants:
 * 1. Each module has one device connection, for the life of the vat, and one CapTP session at a
 *    time. The device's reset starts the next session, with the next epoch number.
 * 2. What arrives with the epoch of an older session is dropped.
 */
import { makeCapTP } from '@endo/captp';
import { HandledPromise } from '@endo/eventual-send';
import { E, Far } from '@endo/far';
import { Remotable } from '@endo/marshal';
import { makePromiseKit } from '@endo/promise-kit';

/**
 * @typedef {{ onReset(isRestart: Promise<boolean>): void }} Resetter
 * @typedef {{ walk(pluginRoot: Promise<any>): any }} Walker
 * @typedef {(walker?: Walker) => any} MakeStableForwarder
 * @typedef {{ pluginRoot: any, actions: { makeStableForwarder: MakeStableForwarder } }} LoadedPlugin
 * @typedef {(specifier: string, options?: any, resetter?: Resetter) => LoadedPlugin} LoadPlugin
 * @typedef {{ load: LoadPlugin, getPluginDir(): string }} PluginManager
 * @typedef {{
 *   dispatch(index: number, message: Record<string, any>): void,
 *   reset(index: number, epoch: number): void,
 * }} Receiver
 * @typedef {{
 *   registerReceiver(receiver: Receiver): void,
 *   getPluginDir(): string,
 *   connect(specifier: string): number | string,
 *   send(index: number, message: Record<string, any>): void,
 * }} PluginDevice
 * @typedef {{ receive(message: Record<string, any>): void, restart(): void }} Connection
 */

/** @type {Resetter} */
const indifferent = Far('resetter', { onReset: (/** @type {unknown} */ _isRestart) => {} });

/** @type {Walker} */
const atRoot = Far('walker', { walk: (/** @type {any} */ pluginRoot) => pluginRoot });

/**
 * An object that stays the same and passes each message to what `findTarget` gives at that moment.
 *
 * @param {() => any} findTarget
 */
const makeForwarder = findTarget => {
  /** @type {any} */
  let forwarder;
  void new HandledPromise((_resolve, _reject, resolveWithPresence) => {
    const presence = resolveWithPresence({
      get: (/** @type {any} */ _target, /** @type {any} */ name) =>
        HandledPromise.get(findTarget(), name),
      applyMethod: (/** @type {any} */ _target, /** @type {any} */ name, /** @type {any} */ args) =>
        HandledPromise.applyMethod(findTarget(), name, args),
    });
    // Not Far(), which refuses an object that is a presence already.
    forwarder = Remotable('Alleged: stableForwarder', undefined, /** @type {any} */ (presence));
  });
  return forwarder;
};

/**
 * @param {any} pluginDevice the root node of the plugin device
 * @param {{ D(node: any): any, [option: string]: any }} powers vat powers; all but `D` are options
 *   of `makeCapTP`
 * @returns {PluginManager}
 */
export const makePluginManager = (pluginDevice, { D, ...capTPOptions }) => {
  /** @type {PluginDevice} */
  const device = D(pluginDevice);
  /** @type {Map<number, Connection>} */
  const connections = new Map();

  /** @param {number} index */
  const findConnection = index => {
    const connection = connections.get(index);
    if (!connection) throw Error(`no plugin has the connection ${index}`);
    return connection;
  };

  device.registerReceiver(
    Far('receiver', {
      dispatch: (/** @type {number} */ index, /** @type {Record<string, any>} */ message) =>
        findConnection(index).receive(message),
      reset: (/** @type {number} */ index, /** @type {number} */ _epoch) =>
        findConnection(index).restart(),
    }),
  );

  return Far('plugin-manager', {
    getPluginDir: () => device.getPluginDir(),

    /**
     * Starts the host's module `specifier` with `options`, now and after each reset of the device.
     * `resetter.onReset` gets a promise for false now, and one for true at each reset, which
     * settles when the module has started again.
     *
     * @type {LoadPlugin}
     */
    load: (specifier, options = undefined, resetter = indifferent) => {
      const index = device.connect(specifier);
      // The device answers the text of its error.
      if (typeof index !== 'number') throw Error(index);

      let root = makePromiseKit();
      let epoch = -1;
      /** @type {(message: Record<string, any>) => unknown} */
      let dispatch;

      const startSession = () => {
        epoch += 1;
        const session = makeCapTP(
          specifier,
          (/** @type {Record<string, any>} */ message) => device.send(index, message),
          undefined,
          { ...capTPOptions, epoch },
        );
        dispatch = session.dispatch;
        root.resolve(E(session.getBootstrap()).start(options));
      };

      connections.set(
        index,
        harden({
          receive: message => {
            if (message.epoch === epoch) dispatch(message);
          },
          restart: () => {
            root = makePromiseKit();
            void E(resetter).onReset(root.promise.then(() => true));
            startSession();
          },
        }),
      );

      const actions = Far('actions', {
        /** @type {MakeStableForwarder} */
        makeStableForwarder: (walker = atRoot) => makeForwarder(() => E(walker).walk(root.promise)),
      });
      void E(resetter).onReset(Promise.resolve(false));
      startSession();
      return harden({ pluginRoot: actions.makeStableForwarder(), actions });
    },
  });
};
harden(makePluginManager);
