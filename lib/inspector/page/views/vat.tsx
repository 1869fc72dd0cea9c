/** One vat: service, options, platform, history. */
import type { ComponentChildren, JSX } from 'preact';
import type { SnapshotAnswer, SpanAnswer, VatAnswer, VatAnswerInFull } from '../../answers.js';
import { isOnlyAsleep } from '../actions.js';
import { bytes, count } from '../format.js';
import { useAnswer } from '../live.js';
import { Block, Data, Facts, Foreign, Loaded, MaybeRef, State, Table, Title } from '../parts.js';
import { Waiting } from './queues.js';
import { VatActions } from './vat-actions.js';

type Fact = readonly [name: string, value: ComponentChildren];

const Service = ({ vat }: { readonly vat: VatAnswer }): JSX.Element | null => {
  if (vat.state === 'terminated' || vat.service === null) return null;
  const { service } = vat;
  const by = 'by' in service ? service.by : 'pausedBy' in service ? service.pausedBy : undefined;
  const error = 'error' in service ? service.error : undefined;
  const isAsleep = isOnlyAsleep(vat);
  return (
    <section class={isAsleep ? 'asleep' : 'out-of-service'} aria-labelledby="service">
      <h2 id="service">{isAsleep ? 'Asleep: its next delivery starts it' : 'Out of service'}</h2>
      <Facts
        facts={[
          ['why', service.type],
          ['since crank', count(service.sinceCrank)],
          ...(by === undefined ? [] : [['asked by', by] as const]),
        ]}
      />
      {error !== undefined && <Block text={error} length={error.length} />}
    </section>
  );
};

const factsOf = ({ vat, options, root, meter, heapSizes }: VatAnswerInFull): Fact[] => {
  const state: Fact = ['state', <State key="state" state={vat.state} />];
  if (vat.state === 'terminated' || options === null) return [state];
  const { workerOptions } = options;
  return [
    state,
    ['kind', vat.dynamic ? 'dynamic' : 'static'],
    ['incarnation', count(vat.incarnation)],
    [
      'platform epoch',
      vat.platformEpoch === null ? '–' : <Foreign text={String(vat.platformEpoch)} />,
    ],
    ['worker', workerOptions.type],
    ['engine', workerOptions.type === 'xsnap' ? (workerOptions.engine ?? 'not recorded') : '–'],
    ['root object', <MaybeRef key="root" id={root} />],
    ['deliveries', count(vat.position)],
    ['waiting', count(vat.waiting)],
    ['critical', options.critical ? 'yes' : 'no'],
    ['meter', meter === null ? 'none' : `${meter.remaining} left (tells below ${meter.threshold})`],
    ['heap, uncompressed', heapSizes === null ? '–' : bytes(heapSizes.last)],
  ];
};

const Options = ({ options, source, reapDirt }: VatAnswerInFull): JSX.Element => {
  const text = JSON.stringify({ source, options, reapDirt }, null, 2);
  return (
    <details>
      <summary>Options as stored</summary>
      <Block text={text} length={text.length} />
    </details>
  );
};

const Spans = ({ spans }: { readonly spans: readonly SpanAnswer[] }): JSX.Element => (
  <Table
    caption="The newest spans of the transcript"
    columns={[
      { head: 'from', number: true, cell: ({ startPos }) => count(startPos) },
      { head: 'to', number: true, cell: ({ endPos }) => count(endPos) },
      { head: 'incarnation', number: true, cell: ({ incarnation }) => count(incarnation) },
      { head: 'current', cell: ({ isCurrent }) => (isCurrent ? 'yes' : 'no') },
    ]}
    rows={spans}
    keyOf={({ startPos }) => String(startPos)}
    empty="The store has no spans of this vat."
  />
);

const Snapshots = ({ snapshots }: { readonly snapshots: readonly SnapshotAnswer[] }) => (
  <Table
    caption="The newest heap snapshots"
    columns={[
      { head: 'after item', number: true, cell: ({ snapPos }) => count(snapPos) },
      { head: 'in use', cell: ({ inUse }) => (inUse ? 'yes' : 'no') },
      { head: 'size', number: true, cell: ({ uncompressedSize }) => bytes(uncompressedSize) },
      { head: 'compressed', number: true, cell: ({ compressedSize }) => bytes(compressedSize) },
      { head: 'hash', cell: ({ hash }) => <code class="hash">{hash}</code> },
    ]}
    rows={snapshots}
    keyOf={({ snapPos }) => String(snapPos)}
    empty="The vat has no heap snapshot."
  />
);

const Shown = (answer: VatAnswerInFull): JSX.Element => {
  const { vat, parameters, spans, snapshots } = answer;
  return (
    <>
      <Facts facts={factsOf(answer)} />
      <p class="links">
        <a href={`/clists/${vat.vatID}`}>C-list</a>
        <a href={`/vats/${vat.vatID}/transcript`}>Transcript</a>
      </p>
      <Service vat={vat} />
      {vat.state !== 'terminated' && <VatActions vat={vat} />}
      <h2>What waits</h2>
      <Waiting vatID={vat.vatID} />
      <h2>History</h2>
      <Spans spans={spans} />
      <Snapshots snapshots={snapshots} />
      <h2>Records</h2>
      <Options {...answer} />
      {parameters !== null && (
        <details>
          <summary>Parameters for the next start</summary>
          <Data data={parameters} />
        </details>
      )}
    </>
  );
};

export const Vat = ({ vatID }: { readonly vatID: string }): JSX.Element => {
  const answer = useAnswer<VatAnswerInFull>(`/api/vats/${encodeURIComponent(vatID)}`);
  const vat = answer.data?.vat;
  const name = vat && vat.state !== 'terminated' ? vat.name : null;
  return (
    <>
      <Title>
        Vat {vatID}
        {name !== null && (
          <>
            {' '}
            <Foreign text={name} />
          </>
        )}
      </Title>
      <Loaded answer={answer}>{Shown}</Loaded>
    </>
  );
};
