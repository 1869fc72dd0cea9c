// Runs random programs on a holder, and is the other side of what it imports and exports.
import { E, Far } from '@endo/far';

export const buildRootObject = () => {
  const held = new Map();
  // Recognizes what it no longer holds.
  const marks = new WeakMap();
  // Apart from what can be given back: nobody settles them.
  const owed = [];
  const resolvers = new Map();
  const makePromise = name => new Promise(resolve => resolvers.set(name, resolve));
  return Far('root', {
    bootstrap: () => {},
    async run(holder, program) {
      for (const [op, ...args] of program) {
        const [name] = args;
        if (op === 'send') await E(holder).receive(name, Far('import', { self: () => name }));
        else if (op === 'take') held.set(name, await E(holder).give(name));
        else if (op === 'return') {
          if (held.has(name)) await E(holder).receive(args[1], held.get(name));
        } else if (op === 'mark') {
          // What the holder does not have, it gives as undefined.
          if (held.get(name)) marks.set(held.get(name), name);
        } else if (op === 'drop') held.delete(name);
        else if (op === 'watch') await E(holder).watch(makePromise(name), name);
        else if (op === 'awaitInRAM') await E(holder).awaitInRAM(makePromise(name));
        else if (op === 'owe') {
          const { promise } = await E(holder).owe(args[1]);
          owed.push(promise.catch(() => {}));
        } else if (op === 'settle') resolvers.get(name)?.(name);
        else await E(holder).work(args);
      }
    },
  });
};
