/** Ways to use up time, memory and stack. */
const forever = () => {
  for (;;);
};

const nested = depth => {
  let data = [];
  for (let i = 0; i < depth; i += 1) data = [data];
  return data;
};

export const exhaustion = {
  loops: forever,
  loopsInPromises: () => {
    const again = () => Promise.resolve().then(again);
    return again();
  },
  loopsInAsync: async () => {
    for (;;) await null;
  },
  loopsInGenerator: () => {
    const endless = (function* numbers() {
      for (let i = 0; ; i += 1) yield i;
    })();
    return [...endless].length;
  },
  loopsInProxy: () => harden(new Proxy({}, { ownKeys: forever })),
  loopsInThenable: () => ({ then: forever }),
  loopsInConsole: () => {
    console.log({
      toString: forever,
      get message() {
        return forever();
      },
    });
    console.log(new Proxy(Error('x'), { get: forever, getPrototypeOf: forever, ownKeys: forever }));
    return 'printed';
  },
  loopsInTestLog: ({ vatPowers }) => vatPowers.testLog({ toJSON: forever }),
  loopsInSort: () => {
    const many = Array.from({ length: 10_000 }, (_, i) => i);
    many.sort(forever);
  },
  loopsInReplace: () => 'x'.replace(/x/, forever),
  backtracks: () => /^(a|aa|a*)*$/.test(`${'a'.repeat(2000)}b`),
  // The meter counts what the interpreter does, and these are single steps of it.
  loopsInNativeCode: () => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1),
  multiplies: () => {
    let big = 3n;
    for (;;) big = big * big;
  },
  keepsBytes: () => {
    const kept = [];
    for (;;) kept.push(new Uint8Array(100_000_000));
  },
  keepsOneBuffer: () => new Uint8Array(3_000_000_000).length,
  keepsText: () => {
    let long = 'x'.repeat(1000);
    for (;;) long += long;
  },
  keepsObjects: () => {
    const kept = [];
    for (;;) kept.push({ kept, more: { even: { more: {} } } });
  },
  keepsArray: () => new Array(2 ** 32 - 1).fill(0).length,
  keepsNames: () => {
    const names = {};
    for (let i = 0; ; i += 1) names[`name ${i}`] = i;
  },
  keepsPromises: () => {
    const kept = [];
    for (;;) kept.push(new Promise(() => undefined).then(() => kept));
  },
  recurses: () => {
    const deeper = n => deeper(n + 1) + 1;
    return deeper(0);
  },
  recursesNatively: () => JSON.stringify(nested(1_000_000)),
  recursesInParser: () => JSON.parse('['.repeat(5_000_000)),
  recursesInProxies: () => {
    let proxy = {};
    for (let i = 0; i < 1_000_000; i += 1) proxy = new Proxy(proxy, {});
    return proxy.anything;
  },
  recursesInHarden: () => harden(nested(1_000_000)).length,
  spreads: () => Math.max(...Array.from({ length: 3_000_000 }, (_, i) => i)),
  /** Compiled again and again. */
  evaluates: () => {
    for (let i = 0; ; i += 1) (0, eval)(`(${i})`);
  },
  makesCompartments: () => {
    const kept = [];
    for (;;) kept.push(new Compartment({}));
  },
};
