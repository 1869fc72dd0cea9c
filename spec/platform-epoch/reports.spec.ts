import { expect } from 'chai';
import { rehearsalText } from '../../lib/cli/rehearse.js';
import {
  describeParameters,
  describeVatParameters,
} from '../../lib/platform-epoch/parameter-advice.js';
import type { RehearsalReport } from '../../lib/platform-epoch/rehearsal-types.js';
import { renderRehearsalHtml } from '../../lib/platform-epoch/report-html.js';
import {
  describeAbandoned,
  describePlatform,
  describeQueued,
  describeVerdict,
} from '../../lib/platform-epoch/report-words.js';
import type { AbandonedObject } from '../../lib/platform-epoch/types.js';
import { codeID } from '../support/scripted-kernel.js';
import { local, makeReport, makeVat, supervisor, xsnap } from './support/rehearsal-report.js';

const failed = makeVat({ result: 'suspended', error: 'till must not be in vatParameters' });

describe('advice about the parameters of a vat', () => {
  const given = { parameters: 'given', startedWith: { till: 1 } } as const;
  const intro = 'v7 seven: refused what it has retained';
  const advice = (drop: string, more = '') =>
    'if it failed because of them, pass others: platformRestart.vatParameters.v7, ' +
    `or --vat-parameters <file> with {"rules":[{"vatID":"v7","drop":["${drop}"]${more}}]}`;

  it('is none if nothing is known of them', () => {
    expect(describeVatParameters(makeVat())).to.equal(undefined);
    expect(describeVatParameters(failed)).to.equal(undefined);
  });

  it('says what a vat started with', () => {
    expect(describeVatParameters(makeVat(given))).to.equal(
      'v7 seven: restarted with the parameters that you gave: {"till":1}',
    );
    expect(describeVatParameters(makeVat({ ...given, name: undefined }))).to.equal(
      'v7: restarted with the parameters that you gave: {"till":1}',
    );
  });

  it('proposes a rule that drops the fields which the error names', () => {
    const startedWith = { till: 1, must: 2, 'not be': 3, vat: 4 };
    expect(describeVatParameters({ ...failed, startedWith })).to.equal(
      `${intro}: {"till":1,"must":2,"not be":3,"vat":4}\n  ${advice('till","must')}`,
    );
    const error = 'no field "größe", nor $x_1';
    const fields = { größe: 1, $x_1: 2, x: 3, größer: 4 };
    expect(describeVatParameters({ ...failed, error, startedWith: fields })).to.include(
      '"drop":["größe","$x_1"]}',
    );
  });

  it('leaves the fields open where the error names none', () => {
    for (const startedWith of [{ other: 1 }, 7, null, ['till'], {}]) {
      expect(describeVatParameters({ ...failed, startedWith })).to.equal(
        `${intro}: ${JSON.stringify(startedWith)}\n  ${advice('…', ',"set":{}')}`,
      );
    }
  });

  it('offers a rule for all vats of the same code', () => {
    const bundleID = codeID('seven');
    expect(describeVatParameters({ ...failed, startedWith: {}, bundleID })).to.match(
      new RegExp(`\\]}, or "bundleID": "${bundleID}" for all vats of its code$`),
    );
  });

  it('is none for a vat that ended by itself', () => {
    const ended = makeVat({ ...given, result: 'terminated' });
    expect(describeVatParameters(ended)).to.equal(
      'v7 seven: refused the parameters that you gave: {"till":1}',
    );
  });

  it('shows the first 500 characters on one line', () => {
    const shown = (startedWith: unknown) =>
      describeVatParameters(makeVat({ ...given, startedWith }))?.split('gave: ')[1];
    expect(shown('x'.repeat(498))).to.equal(`"${'x'.repeat(498)}"`);
    expect(shown('x'.repeat(499))).to.equal(`"${'x'.repeat(499)}…`);
    expect(shown('\u2028')).to.equal('"\\u2028"');
  });

  it('is a text for each vat of which there is something to say', () => {
    const vats = [makeVat(), makeVat(given)];
    expect(describeParameters(makeReport({ vats }))).to.have.length(1);
  });
});

describe('the words of a report', () => {
  it('name a platform', () => {
    expect(describePlatform(local)).to.equal('local');
    expect(describePlatform(xsnap)).to.equal(`engine 2, supervisor ${supervisor.slice(0, 11)}`);
    expect(describePlatform({ ...xsnap, engine: undefined, supervisor: undefined })).to.equal(
      'xsnap, engine not recorded',
    );
  });

  it('count what is queued, and name the five vats with the most', () => {
    const described = (queuedEvents: number, queuedByVat = {}) =>
      describeQueued({ queuedEvents, queuedByVat });
    expect(described(0)).to.equal('0 queued events');
    expect(described(1)).to.equal('1 queued event');
    expect(described(2, { v1: 2 })).to.equal('2 queued events (v1: 2)');
    const six = { v1: 1, v2: 2, v3: 3, v4: 4, v5: 5, v6: 6 };
    expect(described(21, six)).to.equal(
      '21 queued events (v6: 6, v5: 5, v4: 4, v3: 3, v2: 2, 1 more vat)',
    );
    expect(described(28, { ...six, v7: 7 })).to.match(/v3: 3, 2 more vats\)$/);
  });

  it('say who holds an abandoned object', () => {
    const object = (changes: Partial<AbandonedObject>): AbandonedObject => ({
      kref: 'ko40' as never,
      ...{ interface: undefined, holders: [], asleep: [], queued: 0, parametersOf: [] },
      ...changes,
    });
    const holders = ['v2', 'v3', 'd7', 'host'] as never;
    expect(describeAbandoned(object({ holders, asleep: ['v3'] as never }))).to.equal(
      'ko40: v2, v3 (asleep), d7, host',
    );
    expect(describeAbandoned(object({ interface: 'drill', queued: 1 }))).to.equal(
      'ko40 "drill": 1 queued message',
    );
    const parametersOf = ['v4', 'v5'] as never;
    expect(describeAbandoned(object({ queued: 2, parametersOf }))).to.equal(
      'ko40: 2 queued messages, the parameters of v4, the parameters of v5',
    );
  });

  it('pronounce a verdict', () => {
    const verdict = (changes: Partial<RehearsalReport>) => describeVerdict(makeReport(changes));
    const vats = [makeVat(), failed, makeVat({ result: 'exempt' })];
    const problem = 'vats could not be restarted';
    expect(verdict({ decision: 'current', ok: false })).to.equal(
      'The store is at platform epoch 2: nothing restarts',
    );
    expect(verdict({ decision: 'baseline', ok: false })).to.equal(
      'No vat has run yet: platform epoch 2 restarts nothing',
    );
    expect(verdict({ vats: [makeVat(), makeVat(), makeVat({ result: 'exempt' })] })).to.equal(
      '2 of 3 vats restart, none fails',
    );
    expect(verdict({ ok: false, vats, left: 4, problem })).to.equal(
      "The restart broke off after 3 of 7 vats, 1 of which can't start",
    );
    expect(verdict({ ok: false, vats: [makeVat()], problem })).to.equal(
      'All vats restart, but the kernel would refuse to go on',
    );
    expect(verdict({ ok: false, vats, problem })).to.equal(
      "1 of 3 vats can't start: the kernel would refuse to go on",
    );
    expect(verdict({ ok: false, vats })).to.equal("1 of 3 vats can't start");
  });
});

describe('the page of a rehearsal', () => {
  const entities = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'", '&#x2F;': '/' };
  const unescape = (text: string): string =>
    Object.entries(entities).reduce((some, [entity, char]) => some.replaceAll(entity, char), text);
  /** The page's text, a line for each run of text between tags. */
  const linesOf = (report: RehearsalReport): string[] =>
    renderRehearsalHtml(report)
      .replace(/<style>[^]*<\/style>/, '')
      .split(/<[^>]+>/)
      .map(text => unescape(text.trim()))
      .filter(text => text !== '');
  const after = (lines: readonly string[], line: string, count: number) =>
    lines.slice(lines.indexOf(line) + 1).slice(0, count);

  it('begins with the verdict and the facts', () => {
    const report = makeReport({ silentDevices: ['bridge', 'timer'], queuedEvents: 1 });
    const lines = linesOf(report);
    expect(lines.slice(0, 3)).to.deep.equal([
      'Platform epoch 2: rehearsal',
      'Platform epoch 2: rehearsal',
      '0 of 0 vats restart, none fails',
    ]);
    expect(lines.slice(3)).to.deep.equal([
      ...['Store', '/a/store', 'Platform epoch', '1 → 2'],
      ...['Queued before it', '1 queued event', 'Restart', '100 ms'],
      ...['Copy', '65,536 bytes in 1.5 s', 'Devices that did nothing', 'bridge, timer'],
    ]);
    expect(linesOf(makeReport({ from: undefined }))).to.include('none yet → 2');
    expect(renderRehearsalHtml(report)).to.include('class="verdict good"');
    expect(renderRehearsalHtml({ ...report, ok: false })).to.include('class="verdict bad"');
  });

  it('has a timeline with at most nine ticks at round distances', () => {
    const ticks = (ms: number) => {
      const lines = linesOf(makeReport({ vats: [makeVat()], ms }));
      return lines.slice(lines.indexOf('Timeline') + 1, lines.indexOf('v7 seven'));
    };
    const of = (step: number, last: number) =>
      Array.from({ length: last / step + 1 }, (_, index) => `${index * step} ms`);
    expect(ticks(100)).to.deep.equal(of(20, 100));
    expect(ticks(80)).to.deep.equal(of(10, 80));
    expect(ticks(400)).to.deep.equal(of(50, 400));
    expect(ticks(720)).to.deep.equal(of(100, 700));
    expect(ticks(4_000).slice(-2)).to.deep.equal(['3.5 s', '4.0 s']);
    expect(ticks(0)).to.not.deep.equal([]);
    const page = renderRehearsalHtml(
      makeReport({ vats: [makeVat({ startedAt: 25, ms: 50 }), failed] }),
    );
    expect(page).to.include('style="left:25.000%;width:50.000%"');
    expect(page).to.include('title="v7 seven: restarted after 50 ms"');
    expect(page).to.include('class="bar failed"');
    expect(page).to.include('<span style="left:40.000%">40 ms</span>');
  });

  it('has a table of all vats', () => {
    const vats = [
      makeVat({ waiting: 1_234_567, objectsHeld: 1 }),
      makeVat({ name: undefined, computrons: undefined, ms: 999.6, result: 'exempt' }),
    ];
    const lines = linesOf(makeReport({ vats }));
    const table = lines.slice(lines.indexOf('Vats') + 1);
    expect(table.slice(0, 15)).to.deep.equal([
      ...['vat', 'name', 'result', 'parameters', 'time', 'computrons', 'incarnation'],
      ...['promises rejected', 'objects abandoned', 'of these held', 'imports reclaimed'],
      ...['rows reclaimed', 'queued', 'old platform', 'new platform'],
    ]);
    const engine = `engine 2, supervisor ${supervisor.slice(0, 11)}`;
    expect(table.slice(15)).to.deep.equal([
      ...['v7', 'seven', 'restarted', 'retained', '20 ms', '12,345', '3', '4', '5', '1', '6', '7'],
      ...['1,234,567', 'local', engine],
      ...['v7', 'exempt', 'retained', '1000 ms', '–', '3', '4', '5', '0', '6', '7', '0'],
      ...['local', engine],
    ]);
    const page = renderRehearsalHtml(makeReport({ vats }));
    expect(page).to.include('<tr class="restarted">').and.include('scope="col">vat</th>');
  });

  it('lists failures with their errors, advice and what would wait', () => {
    const report = makeReport({
      ok: false,
      problem: 'a critical vat',
      vats: [
        makeVat(),
        { ...failed, critical: true, waiting: 1, startedWith: { till: 1 } },
        makeVat({ result: 'terminated', waiting: 2, name: undefined }),
      ],
    });
    const lines = linesOf(report);
    expect(after(lines, 'Failures', 12)).to.deep.equal([
      ...['a critical vat', 'v7 seven', 'critical', 'till must not be in vatParameters'],
      lines.find(line => line.startsWith('v7 seven: refused what it has retained')),
      '1 queued event would wait for it.',
      ...['v7', 'terminated', '2 queued events would wait for it.'],
      ...['Timeline', '0 ms', '20 ms'],
    ]);
    expect(linesOf(makeReport({ vats: [makeVat()] }))).to.not.include('Failures');
    expect(linesOf(makeReport({ problem: 'why', ok: false }))).to.include.members([
      ...['Failures', 'why'],
    ]);
  });

  it('has the warnings, and the parameters of the vats that took them', () => {
    const given = { parameters: 'given', startedWith: 1 } as const;
    const lines = linesOf(
      makeReport({ warnings: ['beware'], vats: [makeVat(given), { ...failed, ...given }] }),
    );
    expect(after(lines, 'Parameters', 3)).to.deep.equal([
      'beware',
      'v7 seven: restarted with the parameters that you gave: 1',
      'Timeline',
    ]);
    expect(linesOf(makeReport({ vats: [makeVat()] }))).to.not.include('Parameters');
  });

  it('lists the abandoned objects that others hold', () => {
    const object = { kref: 'ko40', interface: 'drill', holders: ['v2'], asleep: [], queued: 0 };
    const abandonedHeld = [{ ...object, parametersOf: [] }] as never;
    const losing = (objectsHeld: number) =>
      after(
        linesOf(makeReport({ vats: [makeVat(), makeVat({ objectsHeld, abandonedHeld })] })),
        'Abandoned objects that others hold',
        3,
      );
    const intro = 'Messages to them are rejected from now on.';
    expect(losing(1)).to.deep.equal([intro, 'v7 seven', 'ko40 "drill": v2']);
    expect(losing(3)[2]).to.match(/: v2\nand 2 more$/);
    expect(linesOf(makeReport({ vats: [makeVat()] }))).to.not.include(
      'Abandoned objects that others hold',
    );
  });

  it('escapes what comes from the store, and shows control characters', () => {
    const error = '<script>\u001b[31m\n\u2028</script>';
    const page = renderRehearsalHtml(makeReport({ vats: [{ ...failed, error, name: '<b>' }] }));
    expect(page).to.not.include('<script>').and.not.include('<b>');
    expect(page).to.include('&lt;script&gt;\\u001b[31m\n\\u2028&lt;&#x2F;script&gt;');
  });
});

describe('the text of a rehearsal', () => {
  const error = 'a field that this contract does not take any more: '.repeat(4);
  const report = makeReport({
    vats: [
      makeVat({ vatID: 'v5' as never, name: 'a-contract-with-a-long-name' }),
      makeVat({ vatID: 'v6' as never, objectsHeld: 1 }),
      makeVat({ vatID: 'v7' as never, result: 'suspended', error, waiting: 1 }),
      makeVat({ vatID: 'v8' as never, result: 'suspended', error, waiting: 2 }),
      makeVat({ vatID: 'v9' as never, result: 'suspended', error: 'no', critical: true }),
      makeVat({ vatID: 'v10' as never, result: 'exempt', newPlatform: local }),
    ],
  });
  const tableOf = (text: string) => text.split('\n\n')[1]?.split('\n') ?? [];

  it('has a table that fits the terminal, worst vats first', () => {
    const narrow = tableOf(rehearsalText(report, 80));
    expect(Math.max(...narrow.map(line => line.length))).to.be.at.most(80);
    expect(narrow.slice(2).map(line => line.split(' ')[0])).to.deep.equal([
      ...['v9', 'v8', 'v7', 'v6', 'v10', 'v5'],
    ]);
    expect(narrow[0]).to.include('queued').and.not.include('computrons');
    expect(narrow.at(-1)).to.include('a-contract-with-a-long-…');
    expect(tableOf(rehearsalText(report))[0])
      .to.include('computrons')
      .and.include('rows');
  });

  it('has whole errors and platforms below the table', () => {
    const lines = rehearsalText(report, 80).split('\n');
    expect(lines).to.include('v9 seven: no').and.include(`v7 seven: ${error}`);
    expect(lines.filter(line => line.startsWith('platform of'))).to.deep.equal([
      `platform of 5 vats: local -> engine 2, supervisor ${supervisor.slice(0, 11)}`,
      'platform of 1 vat: stay on local',
    ]);
  });
});
