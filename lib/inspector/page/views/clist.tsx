/** The c-list of a vat or a device, a page of one kind at a time. */
import type { JSX } from 'preact';
import type { ClistAnswer, ClistEntryAnswer } from '../../answers.js';
import { useAnswer } from '../live.js';
import { Foreign, Loaded, Pager, Ref, Table, Title, type Column } from '../parts.js';
import { Tabs } from '../tabs.js';
import type { Place } from '../router.js';

const COLUMNS: readonly Column<ClistEntryAnswer>[] = [
  { head: 'kref', cell: ({ kref }) => <Ref id={kref} /> },
  { head: 'vref', cell: ({ vref }) => <code>{vref}</code> },
  { head: 'direction', cell: ({ isExport }) => (isExport ? 'export' : 'import') },
  { head: 'reachable', cell: ({ reachable }) => (reachable ? 'yes' : 'only recognizable') },
];

const KINDS = [
  ['ko', 'Objects'],
  ['kp', 'Promises'],
  ['kd', 'Device nodes'],
] as const;

export const Clist = ({ owner, query }: Place & { readonly owner: string }): JSX.Element => {
  const kind = query.get('kind') ?? 'ko';
  const after = query.get('after');
  const base = `/clists/${owner}?kind=${encodeURIComponent(kind)}`;
  const answer = useAnswer<ClistAnswer>(
    `/api${base}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`,
  );
  const name = answer.data?.name;
  return (
    <>
      <Title>
        C-list of {owner}
        {name != null && (
          <>
            {' '}
            <Foreign text={name} />
          </>
        )}
      </Title>
      {owner.startsWith('v') && (
        <p class="links">
          <a href={`/vats/${owner}`}>Vat {owner}</a>
        </p>
      )}
      <Tabs
        label="Kind"
        tabs={KINDS.map(([id, text]) => ({
          text,
          href: `/clists/${owner}?kind=${id}`,
          isCurrent: id === kind,
        }))}
      />
      <Loaded answer={answer}>
        {({ entries, next }) => (
          <>
            <Table
              caption="Entries by number"
              columns={COLUMNS}
              rows={entries}
              keyOf={({ kref }) => kref}
              empty="The c-list has none of them."
            />
            <Pager
              first={after === null ? undefined : base}
              next={next === null ? undefined : `${base}&after=${next}`}
            />
          </>
        )}
      </Loaded>
    </>
  );
};
