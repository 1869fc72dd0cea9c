/** The blocks that are neither commands nor snippets: what each claims, by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findProblems } from '../../../lib/controller/validate.js';
import { compileRules } from '../../../lib/host/parameter-rules.js';
import { withTestSwingset } from '../../../lib/testing/testing.js';
import type { ParameterRulesFile } from '../../../lib/types/parameter-rules-schema.js';
import { makeSlogSpans } from '../../../lib/telemetry/slog-spans.js';
import { start } from '../../host/solo-server/support.js';
import { bundleCachePath } from '../../support/bundle-cache.js';
import { makeTraceSDK } from '../../telemetry/support/sdk.js';
import { blockOf, root } from './blocks.js';
import { packagePaths } from './package-paths.js';

type Check = (text: string) => unknown;

interface Package {
  readonly name: string;
  readonly version: string;
  readonly type?: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const own = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Package;

const parse = <T>(text: string): T => JSON.parse(text) as T;

const source = (name: string) => ({
  source: new URL(`../../../examples/vat-author/${name}.js`, import.meta.url),
});

const playEpoch = () =>
  withTestSwingset(
    {
      vats: { v1: source('baggage'), v2: source('baggage'), v3: source('missing-kind') },
      bundleCachePath,
    },
    async swingset => {
      await swingset.call('v3', 'write', 'hello');
      const { vats } = await swingset.epoch({ mode: 'eager' });
      const waiting = swingset.send('v3', 'write', 'again');
      await swingset.run();
      return { vats, outcome: waiting.outcome() };
    },
  );

let played: ReturnType<typeof playEpoch> | undefined;

/** What became of three vats at an epoch. The third does not define its kinds again. */
const restartVats = (): ReturnType<typeof playEpoch> => (played ??= playEpoch());

const checkRules: Check = text => {
  const rules = parse<ParameterRulesFile>(text);
  expect(findProblems('vat-parameter-rules', rules, 'rules')).to.deep.equal([]);
  expect(() => compileRules(rules.rules)).not.to.throw();
};

/** Spans with their parents and attributes, as lines of the block have them. */
const spansOf = (entries: readonly { readonly type: string }[]): readonly string[] => {
  const { tracer, spans } = makeTraceSDK();
  const take = makeSlogSpans(tracer);
  for (const entry of entries) take(entry);
  const byID = new Map(spans().map(span => [span.spanContext().spanId, span]));
  return spans().map(({ name, attributes, parentSpanContext }) => {
    const parent = parentSpanContext && byID.get(parentSpanContext.spanId)?.name;
    const fields = Object.keys(attributes).map(field => field.replace(/^swingset\./, ''));
    return `${parent ?? '-'} > ${name}: ${fields.sort().join(', ')}`;
  });
};

/** `swingset.crank` below `swingset.block`, by the indentation of a tree. */
const spansIn = (text: string): readonly string[] => {
  const above: string[] = [];
  return text.split('\n').flatMap(line => {
    const [, indent = '', name = '', rest = ''] = /^([ └]*)(swingset\.\w+) *(.*)$/.exec(line) ?? [];
    if (name === '') return [];
    above.length = indent.length / 2;
    const parent = above.at(-1) ?? '-';
    above.push(name);
    // The crank of a restart has what any other has.
    if (rest === '…') return [];
    const fields = rest.replace(/;.*$/, '').split(', ');
    return [`${parent} > ${name}: ${fields.sort().join(', ')}`];
  });
};

const crank = [
  { type: 'crank-start', crankNum: 1, crankType: 'delivery', messageType: 'send' },
  { type: 'deliver', crankNum: 1, vatID: 'v1', deliveryNum: 2, dispatch: 'message' },
  { type: 'syscall', vatID: 'v1', syscallNum: 0, syscall: 'send' },
  { type: 'syscall-result' },
  { type: 'deliver-result', dr: ['ok', null, { compute: 5 }] },
  { type: 'crank-finish' },
];

export const dataBlocks: Readonly<Record<string, Check>> = {
  'README.md: swingset-kernel': async text => {
    const drawn = [...text.matchAll(/^.* (v\d) .* (restarted|suspended)/gm)].map(
      ([, vat, result]) => [vat, result],
    );
    const { vats, outcome } = await restartVats();
    expect(drawn).to.deep.equal(Object.entries(vats).map(([name, { result }]) => [name, result]));
    expect(text).to.contain('its messages wait');
    expect(outcome).to.deep.equal({ status: 'pending' });
  },

  'docs/chain.md: With Cosmovisor': text => {
    const { text: command } = blockOf('docs/chain.md: With Cosmovisor (2)');
    const [, name = 'no name'] = /\bDAEMON_NAME=(\S+)/.exec(command) ?? [];
    for (const line of text.split('\n')) {
      expect(line).to.match(RegExp(`^<home>/cosmovisor/(genesis|upgrades/\\w+)/bin/${name}$`));
    }
  },

  'docs/compatibility.md: What hosts import': text => {
    const { overrides } = parse<{ overrides: Record<string, string> }>(`{${text}}`);
    expect(Object.keys(own.devDependencies)).to.include.members(Object.keys(overrides));
    for (const target of Object.values(overrides)) {
      expect(target).to.equal(`npm:${own.name}@${own.version}`);
    }
  },

  'docs/observability.md: Scrape a solo server': async text => {
    const [, tokenFile = ''] = /credentials_file: \/srv\/store\/(\S+) /.exec(text) ?? [];
    expect(text).to.match(/^ {4}static_configs: \[\{ targets: \['127\.0\.0\.1:\d+'\] \}\]$/m);
    const server = await start();
    // What Prometheus sends: the file's text as a bearer token, to its default path.
    const token = readFileSync(join(server.home, tokenFile), 'utf8').trim();
    const { status, text: metrics } = await server.ask('/metrics', {}, token);
    expect(status).to.equal(200);
    expect(metrics).to.contain('swingset_block_height');
  },

  // `spec/cli/chain/metrics.spec.ts` asks a node there.
  'docs/observability.md: Scrape the node of a chain': text => {
    const page = readFileSync(join(root, 'docs/observability.md'), 'utf8');
    const [, port] = /chain start --home \S+ --metrics-port (\d+)/.exec(page) ?? [];
    expect(port).to.match(/^\d+$/);
    expect(text.trimEnd().split('\n').at(-1)).to.equal(
      `    static_configs: [{ targets: ['127.0.0.1:${port}'] }]`,
    );
  },

  'docs/observability.md: Traces': text => {
    const spans = spansOf([
      { type: 'block-start', ...{ blockHeight: 7 } },
      ...crank,
      { type: 'block-finish' },
      {
        ...{ type: 'epoch-restart-start', epoch: 'summer' },
        ...{ from: 'spring', mode: 'eager', vats: 1 },
      },
      {
        ...{ type: 'epoch-restart-vat', vatID: 'v1', name: 'bank', result: 'restarted' },
        ...{ sleeps: false, incarnation: 1, computrons: 9 },
      },
      { type: 'epoch-restart-finish' },
    ]);
    expect(spansIn(text)).to.have.members(spans);
  },

  'docs/platform-epochs.md: Contracts on Zoe': text =>
    checkRules(text.replace('<ZCF>', '0'.repeat(128))),
  'docs/platform-epochs.md: Parameters for the new incarnation (3)': checkRules,

  'docs/solo-host.md: Time': text => {
    const config = parse<{ devices: { timer: { sourceSpec: string } } }>(text);
    expect(findProblems('swingset-config', config, 'config')).to.deep.equal([]);
    expect(packagePaths.has(config.devices.timer.sourceSpec)).to.equal(true);
  },

  "docs/vat-author.md: What a vat's package needs": text => {
    const { type, dependencies } = parse<Package>(text);
    expect(type).to.equal('module');
    for (const [name, range] of Object.entries(dependencies)) {
      expect(range, name).to.equal(`^${own.dependencies[name]}`);
    }
  },

  'docs/vat-author.md: Durable objects': async text => {
    const { vats } = await restartVats();
    expect(vats['v3']?.error).to.equal(text);
  },
};
