import { expect } from 'chai';
import { bringOutYourDead, call, startVat } from '../../workers/support/fixture.js';
import {
  bundleModules,
  bundlePackages,
  cjsModule,
  esModule,
  FAR,
  fileOf,
  rawModule,
  type ArchiveFile,
} from './support/archives.js';
import { expectSameLives, type Life } from './support/lives.js';

/** A functor with the given body. */
const functor = (body: string): string =>
  `({imports:$h_imports,liveVar:$h_live,onceVar:$h_once,import:$h_import,importMeta:$h_meta})=>` +
  `(function(){'use strict';${body}})()\n`;

const BUILD = `${FAR}$h_imports([]);$h_once.buildRootObject(() => Far('root', { ask: () => said }));`;
const report = (said: string): string => functor(`const said = String(${said});${BUILD}`);

const vatOf = (module: ArchiveFile): Life => ({
  bundle: bundlePackages({ program: { './vat.js': module } }),
  deliveries: [startVat(), call('ask'), bringOutYourDead],
});

/** Functors that no bundler makes, and whether a vat starts from them. */
const FUNCTORS: Readonly<Record<string, readonly [source: string, starts: boolean]>> = {
  'an ordinary functor': [report(`'ordinary'`), true],
  'arguments of the functor': [
    `({imports:$h_imports,onceVar:$h_once})=>{${FAR}const said = typeof arguments;` +
      `$h_imports([]);$h_once.buildRootObject(() => Far('root', { ask: () => said }));}`,
    true,
  ],
  'this of the functor': [
    `({imports:$h_imports,onceVar:$h_once})=>{${FAR}const said = String(this === globalThis);` +
      `$h_imports([]);$h_once.buildRootObject(() => Far('root', { ask: () => said }));}`,
    true,
  ],
  'a body that closes the functor': [
    functor(`}); console.log('broken out', typeof issueCommand); (function(){`),
    false,
  ],
  'a body that closes everything that ses might wrap around it': [
    `0); }).call(this.globalObject); } } console.log('out'); with({}) { with({}) { return (function(){ return (()=>{}`,
    false,
  ],
  'code behind a block comment': [
    `${functor('')} /* */ ; console.log('after', typeof print);`,
    false,
  ],
  'two expressions': [`(() => {}), (() => {})`, false],
  'a statement before the functor': [`console.log('before'); ${report(`'second'`)}`, true],
  'a block and a regular expression that hide what is code': [
    `{} / "(?:" );console.log('hidden'); (" ) " / - 1`,
    false,
  ],
  'a return statement': ['return 1', false],
  'no function': ['(1)', false],
  'an open comment': [`${report(`'x'`)} /*`, false],
  'a dynamic import': [functor(`import('./other.js');`), false],
  'an HTML comment': [functor(`console.log(1 <!-- 2\n);`), false],
  'a direct eval': [report(`(() => eval('typeof issueCommand'))()`), false],
  'names of the evaluator': [
    report(
      `[typeof scopeTerminator, typeof globalObject, typeof optimizer, typeof evalScope].join()`,
    ),
    true,
  ],
  'with in a functor': [`({imports:$h_imports})=>{ with ({}) { $h_imports([]); } }`, false],
  'an assignment to its parameters': [
    functor(`$h_imports = undefined; $h_once.buildRootObject(1);`),
    false,
  ],
  'imports called with a map of its own': [
    functor(`$h_imports(new Map([['./other.js', new Map()]]));`),
    false,
  ],
  'an export it does not have': [functor(`$h_imports([]); $h_once.other(1);`), false],
  'an export set twice': [
    functor(
      `${FAR}$h_imports([]);$h_once.buildRootObject(() => Far('a', {}));` +
        `$h_once.buildRootObject(() => Far('b', {}));`,
    ),
    false,
  ],
  'a source map comment': [`${report(`'mapped'`)}//# sourceMappingURL=data:x\n`, true],
};

describe('modules that no bundler makes', () => {
  for (const [title, [source, starts]] of Object.entries(FUNCTORS)) {
    it(`${title}: ${starts ? 'the vat starts' : 'the vat fails'}, as on stock`, async () => {
      const { deeds } = await expectSameLives([vatOf(rawModule(source))]);
      expect(
        deeds.events.find(event => (event as unknown[])[0] === 'error') === undefined,
      ).to.equal(starts);
      expect(JSON.stringify(deeds)).not.to.contain('"function"');
    });
  }

  const records: Readonly<Record<string, ArchiveFile>> = {
    'a record that is not JSON': fileOf('pre-mjs-json', '({})'),
    'a record without imports': fileOf('pre-mjs-json', '{"__syncModuleProgram__": "()=>{}"}'),
    'a record without export maps': rawModule(report(`'x'`), { __fixedExportMap__: undefined }),
    'a record with an export map of another kind': rawModule(report(`'x'`), {
      __fixedExportMap__: { buildRootObject: 7 },
    }),
    'a functor that is no text': rawModule('', { __syncModuleProgram__: 7 }),
    'an unknown format': fileOf('pre-wasm', ''),
    'a text as the entry': fileOf('text', 'export const buildRootObject = 1;'),
    'a CommonJS module as the entry': cjsModule(
      `exports.buildRootObject = () => { throw Error('cjs') };`,
    ),
    'a CommonJS module whose source closes its function': cjsModule(
      `}); console.log('out', typeof issueCommand); (function () {`,
    ),
  };
  for (const [title, module] of Object.entries(records)) {
    it(`${title}: the vat fails as on stock`, async () => {
      const { deeds } = await expectSameLives([vatOf(module)]);
      expect(deeds.events.filter(event => (event as unknown[])[0] === 'error')).to.have.length(1);
    });
  }

  it('missing modules, compartments and exports fail a vat with the texts of stock', async () => {
    const imports = `import { x } from 'neighbour'; export const buildRootObject = () => x;`;
    const neighbours = {
      nothing: {},
      'another compartment': { neighbour: { compartment: 'gone-v1.0.0', module: './x.js' } },
      'a missing module': { neighbour: { compartment: 'program-v1.0.0', module: './x.js' } },
      'a deferred error': { neighbour: { deferredError: 'deferred: there is no neighbour' } },
      'an exit': { neighbour: { exit: 'fs' } },
      'a file without a parser': { neighbour: { location: 'vat.js' } },
    };
    for (const modules of Object.values(neighbours)) {
      const bundle = bundlePackages({ program: { './vat.js': esModule(imports), ...modules } });
      const { deeds } = await expectSameLives([{ bundle, deliveries: [startVat()] }]);
      expect(deeds.events.at(-1)).to.have.property('0', 'error');
    }
    const sources = [
      `export const buildRootObject = 7;`,
      `export const somethingElse = () => 7;`,
      `export const buildRootObject = () => ({});`,
      `export const buildRootObject = () => { throw Error('thrown') };`,
      `export const buildRootObject = async () => { throw Error('rejected') };`,
      `export const buildRootObject = () => new Promise(() => {});`,
      `export const then = f => f({ buildRootObject: () => 8 });`,
      `import './vat.js'; throw null;`,
      `while (true) {}`,
      `export const buildRootObject = () => { while (true) {} };`,
      `const f = n => f(n + 1) + 1; f(0); export const buildRootObject = f;`,
      `const a = []; for (;;) a.push(new Uint8Array(1e8));`,
    ];
    for (const vat of sources) {
      const bundle = bundleModules({ vat });
      const lives = [{ bundle, deliveries: [startVat(), call('ask')] }];
      const { deeds } = await expectSameLives(lives, { meteringLimit: 20_000_000 });
      expect(deeds.events.at(-1), vat).to.have.property('0', 'error');
    }
  });
});
