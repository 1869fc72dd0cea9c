import { Far } from '@endo/far';

export const buildRootObject = () => Far('greeter', { greet: name => `hello, ${name}` });
