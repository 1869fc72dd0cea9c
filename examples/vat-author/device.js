/** Devices: a device has no answers to give, so a handler in RAM loses its messages silently. */
import { Far } from '@endo/far';
import { M, prepareExo, provide } from '@agoric/vat-data';

const HandlerI = M.interface('Handler', { inbound: M.call(M.any()).returns() });

export const buildRootObject = ({ D }, _vatParameters, baggage) => {
  provide(baggage, 'received', () => harden([]));
  const receive = message => baggage.set('received', harden([...baggage.get('received'), message]));

  const handler = prepareExo(baggage, 'handler', HandlerI, { inbound: receive });

  return Far('port', {
    // The device keeps the handler, so one registration is enough for all incarnations.
    connect: bridge => {
      baggage.init('bridge', bridge);
      D(bridge).registerInboundHandler(handler);
    },
    connectForThisIncarnation: bridge => {
      D(bridge).registerInboundHandler(Far('handler', { inbound: receive }));
    },
    // A device may be kept in the baggage, and called in any incarnation.
    send: message => D(baggage.get('bridge')).callOutbound(message),
    received: () => baggage.get('received'),
  });
};
