import { Far } from '@endo/far';

export const buildRootObject = () => Far('root', { bootstrap: () => 'ready' });
