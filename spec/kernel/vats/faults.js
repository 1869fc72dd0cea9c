// @ts-check
// A vat that calls whatever it is told to call, so that a spec can compare errors.
import { E, Far } from '@endo/far';

/** @param {any} vatPowers */
export const buildRootObject = ({ D }) => {
  /** @type {Map<string, any>} */
  const named = new Map();
  /** `$name` is what was named so; `%name` a new object; `&` a promise. @type {(arg: any) => any} */
  const lookUp = arg => {
    if (arg === '&') return new Promise(() => {});
    if (typeof arg !== 'string') return arg;
    if (arg.startsWith('%')) return Far(arg.slice(1), {});
    return arg.startsWith('$') ? named.get(arg.slice(1)) : arg;
  };

  return Far('root', {
    /** @type {(vats: any, devices: any) => Promise<void>} */
    async bootstrap(vats, devices) {
      for (const [name, root] of Object.entries(vats)) named.set(name, root);
      for (const [name, node] of Object.entries(devices)) named.set(`${name}Device`, node);
      named.set('service', await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin));
      named.set('timerService', await E(vats.timer).createTimerService(devices.timer));
    },
    /**
     * Sends a message. What it answers is named `as`, each of its properties `as.property`.
     *
     * @type {(as: string, target: string, method: string, ...args: unknown[]) => Promise<string>}
     */
    async send(as, target, method, ...args) {
      const answer = await /** @type {any} */ (E(lookUp(target)))[method](...args.map(lookUp));
      named.set(as, answer);
      if (Object(answer) !== answer) return `${typeof answer} ${String(answer)}`;
      for (const [key, value] of Object.entries(answer)) named.set(`${as}.${key}`, value);
      return 'object';
    },
    /**
     * Sends a message to the answer of another one, before that has come.
     *
     * @type {(target: string, method: string, next: string) => Promise<unknown>}
     */
    pipeline: (target, method, next) =>
      /** @type {any} */ (E(/** @type {any} */ (E(lookUp(target)))[method]()))[next](),
    /** Calls a device. @type {(device: string, method: string, ...args: unknown[]) => unknown} */
    callNow: (device, method, ...args) => D(lookUp(device))[method](...args.map(lookUp)),
  });
};
