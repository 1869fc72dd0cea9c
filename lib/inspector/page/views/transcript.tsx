/** The transcript of a vat, newest first, and one item of it. */
import type { JSX } from 'preact';
import type { TranscriptAnswer, TranscriptItem, TranscriptItemAnswer } from '../../answers.js';
import { count } from '../format.js';
import { useAnswer } from '../live.js';
import { Block, Foreign, Loaded, Pager, Table, Title, type Column } from '../parts.js';
import type { Place } from '../router.js';

const orDash = (value: number | null): string => (value === null ? '–' : count(value));

const columnsOf = (vatID: string): readonly Column<TranscriptItem>[] => [
  {
    head: 'position',
    number: true,
    cell: ({ position }) => <a href={`/vats/${vatID}/transcript/${position}`}>{count(position)}</a>,
  },
  { head: 'incarnation', number: true, cell: ({ incarnation }) => count(incarnation) },
  { head: 'delivery', cell: ({ kind }) => (kind === null ? '–' : <Foreign text={kind} />) },
  { head: 'method', cell: ({ method }) => (method === null ? '–' : <Foreign text={method} />) },
  { head: 'syscalls', number: true, cell: ({ syscalls }) => orDash(syscalls) },
  { head: 'computrons', number: true, cell: ({ computrons }) => orDash(computrons) },
  { head: 'failed', cell: ({ failed }) => (failed ? 'yes' : 'no') },
  { head: 'characters', number: true, cell: ({ length }) => count(length) },
];

export const Transcript = ({ vatID, query }: Place & { readonly vatID: string }): JSX.Element => {
  const before = query.get('before');
  const base = `/vats/${vatID}/transcript`;
  const answer = useAnswer<TranscriptAnswer>(
    `/api${base}${before === null ? '' : `?before=${encodeURIComponent(before)}`}`,
  );
  return (
    <>
      <Title>Transcript of {vatID}</Title>
      <p class="links">
        <a href={`/vats/${vatID}`}>Vat {vatID}</a>
      </p>
      <Loaded answer={answer}>
        {({ items, next }) => (
          <>
            <Table
              caption="Items, newest first"
              columns={columnsOf(vatID)}
              rows={items}
              keyOf={({ position }) => String(position)}
              empty="The store has no items here. It may have deleted those of old incarnations."
            />
            <Pager
              first={before === null ? undefined : base}
              next={next === null ? undefined : `${base}?before=${next}`}
            />
          </>
        )}
      </Loaded>
    </>
  );
};

const pretty = (text: string, isWhole: boolean): string => {
  if (!isWhole) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

export const Item = ({
  vatID,
  position,
}: {
  readonly vatID: string;
  readonly position: string;
}): JSX.Element => (
  <>
    <Title>
      Item {position} of {vatID}
    </Title>
    <p class="links">
      <a href={`/vats/${vatID}/transcript`}>Transcript</a>
      <a href={`/vats/${vatID}`}>Vat {vatID}</a>
    </p>
    <Loaded
      answer={useAnswer<TranscriptItemAnswer>(
        `/api/vats/${encodeURIComponent(vatID)}/transcript/${encodeURIComponent(position)}`,
      )}
    >
      {({ item: { text, length }, incarnation }) => {
        const shown = pretty(text, text.length === length);
        return (
          <>
            <p>Of incarnation {count(incarnation)}. Its references are those of the vat.</p>
            <Block text={shown} length={text.length === length ? shown.length : length} />
          </>
        );
      }}
    </Loaded>
  </>
);
