/** A vat that the kernel can't do without, and that ends itself. */
import { Far } from '@endo/far';

export const buildRootObject = ({ exitVatWithFailure }) =>
  Far('critical', {
    ping: () => 'pong',
    end: (_sender, why) => exitVatWithFailure(Error(why)),
  });
