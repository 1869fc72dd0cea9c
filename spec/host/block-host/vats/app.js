/** What the specs of the block host send messages to. All that matters is durable. */
import { E, Far } from '@endo/far';

export const buildRootObject = ({ D }, _parameters, baggage) => {
  const get = (name, fallback) => (baggage.has(name) ? baggage.get(name) : fallback);
  const put = (name, value) => (baggage.has(name) ? baggage.set : baggage.init)(name, value);
  const bridge = () => D(get('bridge'));
  const note = entry => put('log', harden([...get('log', []), entry]));

  const root = Far('app', {
    begin({ timer, bridge: device, bouncer }) {
      put('timer', timer);
      put('bouncer', bouncer);
      put('bridge', device);
      D(device).registerInboundHandler(root);
    },
    makeReceiver: transmitter => {
      put('transmitter', transmitter);
      return root;
    },
    receive(message) {
      note(`received ${message}`);
      E(get('transmitter')).transmit(`re: ${message}`);
    },
    inbound: (port, message) => note(`${port} ${JSON.stringify(message)}`),
    wake: when => note(`woken ${when.absValue ?? when}`),

    add(sender, number) {
      put('count', get('count', 0) + number);
      note(`${sender.slice(0, 10)} +${number}`);
      return get('count');
    },
    log: _sender => get('log', []),
    echo: (sender, ...args) => harden([sender, ...args]),
    fail(_sender, text) {
      throw Error(text);
    },
    never: () => new Promise(() => {}),
    /** Takes `steps` deliveries to this vat, and as many to another. */
    spin: (_sender, steps) =>
      steps > 1 ? E(get('bouncer')).bounce(root, steps - 1) : get('count', 0),
    alarm: (_sender, when) =>
      E(get('timer'))
        .setWakeup(BigInt(when), root)
        .then(() => null),
    output: (_sender, port, message) => bridge().callOutbound(port, message) ?? null,
    /** Writes as many texts, each as long, in one delivery. */
    flood(_sender, count, length) {
      for (let index = 0; index < count; index += 1) {
        const args = [[`flood.${index}`, 'x'.repeat(length)]];
        bridge().callOutbound('storage', { method: 'set', args });
      }
      return count;
    },
    /** Ends this vat for an illegal syscall, after it wrote. */
    big: (_sender, length) => 'x'.repeat(length),
  });
  return root;
};
