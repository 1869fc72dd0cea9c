/**
 * Calls services with arguments as large as a message may be, so that whoever quotes one in an error,
 * or passes it on with a word more, says more than a vat may. It keeps what it gets for later.
 */
import { E, Far } from '@endo/far';

const MOST = 10_000_000;

const text = length => 'x'.repeat(length);

/** Arguments by name, each of about so many characters. */
const bulky = {
  text,
  key: length => ({ [text(length)]: 1 }),
  brand: length => ({ absValue: 1n, timerBrand: text(length) }),
  relativeBrand: length => ({ relValue: 1n, timerBrand: text(length) }),
  // Not from a length: the engine hardens only the first element of such an array.
  errors: length => [...Array(Math.floor(length / 80))].map(() => Error('x')),
};

export const buildRootObject = () => {
  const things = new Map();
  return Far('root', {
    async bootstrap(vats, devices) {
      for (const [name, root] of Object.entries(vats)) things.set(name, root);
      const service = await E(vats.vatAdmin).createVatAdminService(devices.vatAdmin);
      const { root } = await E(service).createVatByName('subject', { name: 'victim' });
      things.set('victim', root);
      things.set('timerService', await E(vats.timer).createTimerService(devices.timer));
      things.set('clock', await E(things.get('timerService')).getClock());
      things.set('brand', await E(things.get('timerService')).getTimerBrand());
      const { transmitter, setReceiver } = await E(vats.vattp).addRemote('peer');
      await E(vats.comms).addRemote('peer', transmitter, setReceiver);
      things.set('remote', await E(vats.comms).addIngress('peer', 7, 'remote'));
      things.set('transmitter', transmitter);
    },
    /**
     * @param {string} target the name of a thing
     * @param {readonly string[]} args `~name` for something bulky, `$name` for a thing
     */
    async pester(target, method, ...args) {
      const room = MOST - method.length - 10 * args.length - 40;
      const lookUp = arg => {
        if (typeof arg !== 'string') return arg;
        if (arg.startsWith('~')) return harden(bulky[arg.slice(1)](room));
        return arg.startsWith('$') ? things.get(arg.slice(1)) : arg;
      };
      const sent = E(things.get(target))[method](...args.map(lookUp));
      // Some are never answered. What the answer says is not the point, and may be too long.
      sent.catch(() => undefined);
    },
  });
};
