/** One object, promise or device node, and who has it. */
import type { ComponentChildren, JSX } from 'preact';
import type { HolderAnswer, KRefAnswer, MessageResult } from '../../answers.js';
import { count } from '../format.js';
import { useAnswer } from '../live.js';
import { Block, Data, Facts, Loaded, MaybeRef, Refs, State, Table, Title } from '../parts.js';
import { EVENT_COLUMNS, numbered } from './queues.js';

type Fact = readonly [name: string, value: ComponentChildren];

const factsOf = ({ object, promise, pinned }: KRefAnswer): Fact[] => {
  if (object) {
    const { owner, ownerName, reachable, recognizable } = object;
    return [
      ['owner', owner === null ? 'orphan' : <MaybeRef key="o" id={owner} name={ownerName} />],
      ['reachable from', count(reachable)],
      ['recognizable by', count(recognizable)],
      ['pinned by the host', pinned ? 'yes' : 'no'],
    ];
  }
  if (promise) {
    const { state, decider, subscribers, queued, refCount } = promise;
    return [
      ['state', <State key="s" state={state} />],
      ['decider', <MaybeRef key="d" id={decider} />],
      ['subscribers', <Refs key="r" ids={subscribers} />],
      ['queued messages', count(queued)],
      ['references', count(refCount)],
    ];
  }
  return [];
};

const Holders = ({ holders }: { readonly holders: readonly HolderAnswer[] }): JSX.Element => (
  <Table
    caption="Vats and devices whose c-lists have it"
    columns={[
      { head: 'in', cell: ({ owner, name }) => <MaybeRef id={owner} name={name} /> },
      { head: 'there', cell: ({ vref }) => <code>{vref}</code> },
      { head: 'direction', cell: ({ isExport }) => (isExport ? 'export' : 'import') },
      { head: 'reachable', cell: ({ reachable }) => (reachable ? 'yes' : 'only recognizable') },
      { head: 'c-list', cell: ({ owner }) => <a href={`/clists/${owner}`}>C-list of {owner}</a> },
    ]}
    rows={holders}
    keyOf={({ owner }) => owner}
    empty="No c-list has it."
  />
);

const Result = ({ result }: { readonly result: MessageResult }): JSX.Element => {
  const { status, height, resolvedAt, value } = result;
  return (
    <section aria-labelledby="result">
      <h2 id="result">Result of a message to the solo server</h2>
      <Facts
        facts={[
          ['state', <State key="s" state={status} />],
          ['sent in block', count(height)],
          ['resolved in block', resolvedAt === null ? '–' : count(resolvedAt)],
        ]}
      />
      {value !== null && <Block {...value} />}
      {status !== 'unresolved' && value === null && <p class="note">It was too long to be kept.</p>}
    </section>
  );
};

const Shown = (answer: KRefAnswer): JSX.Element => {
  const { exists, kind, kref, holders, promise, data, result, queue } = answer;
  if (!exists) {
    return (
      <>
        <p class="empty">
          The kernel has no {kind} {kref}. It never was, or nobody refers to it any more.
        </p>
        {result !== null && <Result result={result} />}
      </>
    );
  }
  return (
    <>
      {result !== null && <Result result={result} />}
      <Facts facts={factsOf(answer)} />
      <h2>Holders</h2>
      <Holders holders={holders} />
      {data !== null && (
        <>
          <h2>{promise?.state === 'rejected' ? 'Reason' : 'Value'}</h2>
          <Data data={data} />
        </>
      )}
      {promise?.state === 'unresolved' && (
        <>
          <h2>Messages sent to it</h2>
          <Table
            caption="The first 100 in its queue"
            columns={EVENT_COLUMNS}
            rows={numbered(queue)}
            keyOf={({ place }) => String(place)}
            empty="Nobody has sent it a message that waits."
          />
        </>
      )}
    </>
  );
};

const KINDS: Readonly<Record<string, string>> = { ko: 'Object', kp: 'Promise', kd: 'Device node' };

export const KRef = ({ kref }: { readonly kref: string }): JSX.Element => (
  <>
    <Title>
      {KINDS[kref.slice(0, 2)] ?? 'Reference'} {kref}
    </Title>
    <Loaded answer={useAnswer<KRefAnswer>(`/api/krefs/${encodeURIComponent(kref)}`)}>
      {Shown}
    </Loaded>
  </>
);
