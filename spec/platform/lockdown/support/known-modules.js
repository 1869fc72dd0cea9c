/* global issueCommand, compileModuleAhead, resetMeter -- of an xsnap worker with our lockdown */
// A script for the start compartment. Reports what it finds about modules compiled ahead.

const report = (title, value) => {
  issueCommand(new TextEncoder().encode(JSON.stringify([title, value])).buffer);
};

const makeCompartment = globals => new Compartment({ globals, __options__: true });
const sample = makeCompartment({}).globalThis;
const know = source => compileModuleAhead(source, sample);
/** As `ses` evaluates modules without lexical names. */
const evaluate = (compartment, source) =>
  compartment.evaluate(source, { __moduleShimLexicals__: {} });

const good = [
  '({imports})=>{imports([])}',
  '(function(){return this})',
  '(x)=>x // tail',
  '(1)\n//# sourceURL=.../package/file.js\n',
  '("a", [1], {b: `c`})',
];
report(
  'accepted',
  good.filter(source => !know(source)),
);

const bad = [
  '',
  'x=>x',
  '{}',
  '0); (0',
  '(0); globalThis.pwned = 1; (0',
  '(0)); globalThis.pwned = 1; ((0)',
  '(0)\n);}}}})(globalThis.pwned = 1);(function(){{{{(0',
  '(0)]; globalThis.pwned = 1; [(0)',
  '(0); (0)',
  '(0)\n(0); 1',
  '(0) /*',
  '(0) */ /*',
  '(0) `',
  '(0)}',
  '({',
  '(() => { with ({}) {} })',
  '(() => 010)',
  '(new.target)',
  '(() => super.x)',
  '(await 1)',
  '(...[])',
  '(x, ...y)',
  '(0)\nlet x',
  `(im${'port'}("x"))`,
  `(ev${'al'}("x"))`,
  `(0) <${'!--'} x`,
  `(0)\n${'--'}> x`,
  '(\\u0061 => 1)',
];
report(
  'accepted by mistake',
  bad.filter(source => know(source)),
);
report('ran while it was compiled', typeof globalThis.pwned);

const template = '(tag => tag`a`)';
know(template);
know(template);
const first = makeCompartment({ name: 'first' });
const second = makeCompartment({ name: 'second' });
const objects = [first, second, first, second].map(compartment =>
  evaluate(compartment, template)(object => object),
);
report(
  'template objects',
  objects.map(object => objects.indexOf(object)),
);

const counter = '((n) => () => (n += 1))(0)';
know(counter);
const [one, two] = [evaluate(first, counter), evaluate(second, counter)];
report('functions of two evaluations', [one === two, one(), one(), two()]);

const names = '(() => name)';
know(names);
report(
  'globals',
  [first, second].map(compartment => evaluate(compartment, names)()),
);

const assigning = name => `(() => { ${name} = 1; })`;
const messageOf = (compartment, name) => {
  try {
    evaluate(compartment, assigning(name))();
  } catch ({ message }) {
    return message.replace(/^.*: set/, 'set');
  }
  return 'assigned';
};
know(assigning('undefined'));
know(assigning('extra'));
const frozen = makeCompartment({ extra: 1 });
Object.defineProperty(frozen.globalThis, 'extra', { writable: false, configurable: false });
const gettable = makeCompartment({});
Object.defineProperty(gettable.globalThis, 'extra', { get: () => 1 });
report('constants', {
  same: messageOf(first, 'undefined'),
  unmentioned: messageOf(frozen, 'undefined'),
  mentioned: messageOf(frozen, 'extra'),
  accessor: messageOf(gettable, 'extra'),
});

const computronsOf = (compartment, source) => {
  evaluate(compartment, source);
  resetMeter(1_000_000_000, 0);
  evaluate(compartment, source);
  return resetMeter(0, 0);
};
/** Is the known source cheaper than one that differs in a space? */
const isCheaper = (compartment, source) =>
  computronsOf(compartment, source) < computronsOf(compartment, source.replace('(', '( '));
report('cheaper', {
  same: isCheaper(first, assigning('undefined')),
  unmentioned: isCheaper(frozen, assigning('undefined')),
  mentioned: isCheaper(frozen, assigning('extra')),
});
