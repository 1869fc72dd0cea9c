import { converse } from './support/random-conversation.js';

const rounds = 12;

describe('two comms vats whose messages cross each other', () => {
  it(`keep the rules and leave nothing behind, in ${rounds} random conversations`, () => {
    for (let seed = 1; seed <= rounds; seed += 1) converse(seed, 250);
  });
});
