/** The run-queue, the acceptance queue, and what waits for a vat. */
import type { JSX } from 'preact';
import type { EventAnswer, QueueAnswer } from '../../answers.js';
import { count, plural } from '../format.js';
import { useAnswer } from '../live.js';
import { Data, Foreign, Loaded, MaybeRef, Pager, Refs, Table, Title } from '../parts.js';
import type { Column } from '../parts.js';
import { Tabs } from '../tabs.js';
import type { Place } from '../router.js';

type Numbered = EventAnswer & { readonly place: number };

export const EVENT_COLUMNS: readonly Column<Numbered>[] = [
  { head: 'place', number: true, cell: ({ place }) => count(place) },
  { head: 'event', cell: ({ type }) => <Foreign text={type} /> },
  { head: 'to', cell: ({ target }) => <MaybeRef id={target} /> },
  { head: 'method', cell: ({ method }) => (method === null ? '–' : <Foreign text={method} />) },
  { head: 'promise', cell: ({ result }) => <MaybeRef id={result} /> },
  {
    head: 'mentions',
    cell: ({ refs, target, result }) => (
      <Refs ids={refs.filter(ref => ref !== target && ref !== result)} />
    ),
  },
  {
    head: 'data',
    cell: ({ data }) =>
      data === null ? (
        '–'
      ) : (
        <details>
          <summary>{plural(data.body.length, 'character')}</summary>
          <Data data={data} />
        </details>
      ),
  },
];

export const numbered = (events: readonly EventAnswer[], from = 0): Numbered[] =>
  events.map((event, index) => ({ ...event, place: from + index + 1 }));

const Events = ({
  queue: { events, from, length },
  base,
  caption,
  empty,
}: {
  readonly queue: QueueAnswer;
  readonly base: string;
  readonly caption: string;
  readonly empty: string;
}): JSX.Element => {
  const end = from + events.length;
  return (
    <>
      <Table
        caption={`${caption}: ${plural(length, 'event')}`}
        columns={EVENT_COLUMNS}
        rows={numbered(events, from)}
        keyOf={({ place }) => String(place)}
        empty={empty}
      />
      <Pager
        first={from > 0 ? base : undefined}
        next={end < length && events.length > 0 ? `${base}?from=${end}` : undefined}
      />
    </>
  );
};

const QUEUES = {
  run: { title: 'Run-queue', empty: 'The run-queue is empty.' },
  acceptance: { title: 'Acceptance queue', empty: 'The acceptance queue is empty.' },
} as const;

export type QueueName = keyof typeof QUEUES;

export const isQueue = (name: string | undefined): name is QueueName =>
  name !== undefined && Object.hasOwn(QUEUES, name);

const fromOf = (query: URLSearchParams): string => {
  const from = query.get('from');
  return from === null ? '' : `?from=${encodeURIComponent(from)}`;
};

export const Queue = ({ name, query }: Place & { readonly name: QueueName }): JSX.Element => {
  const { title, empty } = QUEUES[name];
  const answer = useAnswer<QueueAnswer>(`/api/queues/${name}${fromOf(query)}`);
  return (
    <>
      <Title>{title}</Title>
      <Tabs
        label="Queue"
        tabs={Object.entries(QUEUES).map(([id, each]) => ({
          text: each.title,
          href: `/queues/${id}`,
          isCurrent: id === name,
        }))}
      />
      <Loaded answer={answer}>
        {queue => <Events queue={queue} base={`/queues/${name}`} caption={title} empty={empty} />}
      </Loaded>
    </>
  );
};

/** On the page of a vat. */
export const Waiting = ({ vatID }: { readonly vatID: string }): JSX.Element => (
  <Loaded answer={useAnswer<QueueAnswer>(`/api/vats/${encodeURIComponent(vatID)}/waiting`)}>
    {queue => (
      <Events
        queue={queue}
        base={`/vats/${vatID}/waiting`}
        caption="Waits for the vat to be back in service"
        empty="Nothing waits for the vat to be back in service."
      />
    )}
  </Loaded>
);

export const WaitingPage = ({ vatID, query }: Place & { readonly vatID: string }): JSX.Element => {
  const answer = useAnswer<QueueAnswer>(
    `/api/vats/${encodeURIComponent(vatID)}/waiting${fromOf(query)}`,
  );
  return (
    <>
      <Title>What waits for {vatID}</Title>
      <p class="links">
        <a href={`/vats/${vatID}`}>Vat {vatID}</a>
      </p>
      <Loaded answer={answer}>
        {queue => (
          <Events
            queue={queue}
            base={`/vats/${vatID}/waiting`}
            caption="Waits for the vat to be back in service"
            empty="Nothing waits here."
          />
        )}
      </Loaded>
    </>
  );
};
