import { AmountMath } from '@agoric/ertp';
import { prepareDurablePublishKit } from '@agoric/notifier';
import { prepareExo, provide, provideDurableMapStore } from '@agoric/vat-data';
import { swapExact } from '@agoric/zoe/src/contractSupport/index.js';

/**
 * A market that may be upgraded: sellers' seats stay open until somebody buys, each buyer gets one
 * point on top, and a topic tells of it.
 */
export const makeStart = version => async (zcf, privateArgs, baggage) => {
  const makePublishKit = prepareDurablePublishKit(baggage, 'news');
  const news = provide(baggage, 'newsKit', makePublishKit);
  const onSale = provideDurableMapStore(baggage, 'onSale');
  if (!baggage.has('points')) baggage.init('points', await zcf.makeZCFMint('Points'));
  const points = baggage.get('points');
  const onePoint = AmountMath.make(points.getIssuerRecord().brand, 1n);
  const publish = what =>
    news.publisher.publish(harden({ ...what, by: version, left: onSale.getSize() }));

  const seller = prepareExo(baggage, 'seller', undefined, {
    handle: (seat, { id }) => {
      onSale.init(id, seat);
      publish({ offered: id });
      return `${id} is on sale`;
    },
  });
  const buyer = prepareExo(baggage, 'buyer', undefined, {
    handle: (seat, { id }) => {
      const sellerSeat = onSale.get(id);
      onSale.delete(id);
      points.mintGains(harden({ Points: onePoint }), seat);
      swapExact(zcf, sellerSeat, seat);
      publish({ sold: id });
      return `${id} is sold by ${version}`;
    },
  });
  const publicFacet = prepareExo(baggage, 'publicFacet', undefined, {
    inviteSeller: () => zcf.makeInvitation(seller, 'sell'),
    inviteBuyer: () => zcf.makeInvitation(buyer, 'buy'),
    getSubscriber: () => news.subscriber,
    describe: () => harden({ version, motto: privateArgs?.motto, onSale: [...onSale.keys()] }),
  });
  return harden({ publicFacet });
};
