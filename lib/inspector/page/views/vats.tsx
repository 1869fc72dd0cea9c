/** The vats, with state, incarnation and platform. */
import type { JSX } from 'preact';
import type { LiveVat, VatAnswer, VatsAnswer } from '../../answers.js';
import { count } from '../format.js';
import { useAnswer } from '../live.js';
import { Foreign, Loaded, Pager, Ref, State, Table, Title, type Column } from '../parts.js';
import type { Place } from '../router.js';

const live =
  (show: (vat: LiveVat) => JSX.Element | string): Column<VatAnswer>['cell'] =>
  vat =>
    vat.state === 'terminated' ? '–' : show(vat);

const COLUMNS: readonly Column<VatAnswer>[] = [
  { head: 'vat', cell: ({ vatID }) => <Ref id={vatID} /> },
  { head: 'name', cell: live(({ name }) => (name === null ? '–' : <Foreign text={name} />)) },
  { head: 'state', cell: ({ state }) => <State state={state} /> },
  { head: 'kind', cell: live(({ dynamic }) => (dynamic ? 'dynamic' : 'static')) },
  { head: 'worker', cell: live(({ worker }) => worker) },
  {
    head: 'platform epoch',
    cell: live(({ platformEpoch }) =>
      platformEpoch === null ? '–' : <Foreign text={String(platformEpoch)} />,
    ),
  },
  { head: 'incarnation', number: true, cell: live(({ incarnation }) => count(incarnation)) },
  { head: 'deliveries', number: true, cell: live(({ position }) => count(position)) },
  { head: 'waiting', number: true, cell: live(({ waiting }) => count(waiting)) },
];

export const Vats = ({ query }: Place): JSX.Element => {
  const after = query.get('after');
  const answer = useAnswer<VatsAnswer>(
    after === null ? '/api/vats' : `/api/vats?after=${encodeURIComponent(after)}`,
  );
  return (
    <>
      <Title>Vats</Title>
      <Loaded answer={answer}>
        {({ vats, more }) => (
          <>
            <Table
              caption="Vats by number, as of the last commit"
              columns={COLUMNS}
              rows={vats}
              keyOf={({ vatID }) => vatID}
              empty="There are no more vats."
            />
            <Pager
              first={after === null ? undefined : '/vats'}
              next={more ? `/vats?after=${vats.at(-1)?.vatID.slice(1) ?? ''}` : undefined}
            />
          </>
        )}
      </Loaded>
    </>
  );
};
