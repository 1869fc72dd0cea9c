import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const nodeGlobals = Object.fromEntries(
  ['AbortController', 'Buffer', 'TextDecoder', 'TextEncoder', 'URL', 'clearTimeout', 'console']
    .concat(['performance', 'process', 'setImmediate', 'setTimeout'])
    .map(name => [name, 'readonly']),
);
const sesGlobals = Object.fromEntries(
  ['Compartment', 'assert', 'harden', 'lockdown'].map(name => [name, 'readonly']),
);

/** Keys of the key-value store are spelt in one place; everyone else uses typed tables. */
const onlyStateMaySpellKeys = {
  group: ['**/state/schema.js'],
  message: 'Only lib/state spells keys of the kvStore: use or add a typed table there.',
};

/**
 * A process is locked down once, by its entry point. Ours would load our copy of ses beside the
 * host's where the host has another version of @endo/init, and two copies of ses fail.
 */
const onlyEntryPointsLockDown = {
  group: ['ses', 'ses/*', '@endo/init', '@endo/init/*', '@endo/lockdown', '@endo/lockdown/*'],
  message: 'Only entry points (lib/cli) lock down; a library leaves that to its host.',
};

const restrictImports = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns }],
});

/** One module knows which state of a vat's service follows from what happened. */
const onlyServiceChangesService = {
  selector:
    "CallExpression[callee.property.name='set']:matches([callee.object.name='services'], [callee.object.property.name='services'])",
  message: 'Only lib/kernel/vats/service.ts writes the service of a vat: use changeService.',
};

const restrictSyntax = (...more) => ({
  'no-restricted-syntax': [
    'error',
    { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
    { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
    ...more,
  ],
});

/** Each layer of `lib` imports from those after it only (README of lib/kernel). */
const LAYERS = [
  ...[
    'testing',
    'cli',
    'inspector',
    'abci',
    'drop-in',
    'host',
    'telemetry',
    'controller',
    'platform-epoch',
    'kernel',
    'vats',
    'devices',
  ],
  'workers',
  ...['platform', 'bundling', 'state', 'store', 'types', 'endo-environment'],
];

/** The same for the rooms of `lib/kernel`. */
const ROOMS = ['facets', 'cranks', 'vats', 'delivery', 'gc'];

const KERNEL_FILES = ['kernel', 'initialize', 'initial-config', 'powers', 'types'];

const onlyDownwards = (parents, names, files = []) => ({
  regex: `^${parents}(${[...names.map(name => `${name}/`), ...files.map(file => `${file}\\.js$`)].join('|')})`,
  message: 'This import goes up: layers and rooms import from those below them only.',
});

const above = (names, name) => names.slice(0, names.indexOf(name));

const rulesOf = layer => [
  ...(layer === 'cli' ? [] : [onlyEntryPointsLockDown]),
  ...(layer === 'state' ? [] : [onlyStateMaySpellKeys]),
  ...(layer === LAYERS[0] ? [] : [onlyDownwards('(\\.\\./)+', above(LAYERS, layer))]),
];

const layerRules = LAYERS.map(layer => ({
  files: [`lib/${layer}/**/*.{ts,tsx}`],
  rules: restrictImports(...rulesOf(layer)),
}));

const roomRules = ROOMS.map(room => ({
  files: [`lib/kernel/${room}/**/*.ts`],
  rules: restrictImports(
    ...rulesOf('kernel'),
    onlyDownwards('\\.\\./', above(ROOMS, room), KERNEL_FILES),
  ),
}));

export default defineConfig(
  globalIgnores([
    'dist/',
    'site/',
    'coverage/',
    'spec/fixtures/',
    'spec/package/project/',
    'tmp*/',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports' },
      ],
      // `interface Options extends Static<typeof options> {}` names a type of a schema.
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      ...restrictImports(onlyStateMaySpellKeys),
      ...restrictSyntax(),
      'prefer-const': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['lib/*.ts'],
    rules: restrictImports(onlyStateMaySpellKeys, onlyEntryPointsLockDown),
  },
  ...layerRules,
  ...roomRules,
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/kernel/vats/service.ts'],
    rules: restrictSyntax(onlyServiceChangesService),
  },
  { files: ['spec/state/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    // chai's assertions are expressions; SwingSet, which specs and benches compare with, is untyped.
    files: ['spec/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  {
    // Vat sources, launchers and scripts.
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { ...nodeGlobals, ...sesGlobals } },
    rules: {
      'no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
    },
  },
);
