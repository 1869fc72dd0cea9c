/** The epoch ledger: a timeline of the restarts, and what failed in each. */
import type { JSX } from 'preact';
import type { EpochAnswer, EpochsAnswer, FailureAnswer, TurnAnswer } from '../../answers.js';
import { count, dateAndTime, millis, plural } from '../format.js';
import { useAnswer } from '../live.js';
import { Facts, Foreign, Loaded, MaybeRef, State, Table, Title } from '../parts.js';
import { Rehearsal } from './rehearsal.js';

/** What became of each vat, once. Those that failed are among the suspended and the terminated. */
const OUTCOMES = ['restarted', 'suspended', 'terminated', 'exempt'] as const;

const BAR = 100;

interface Stretch {
  readonly kind: string;
  readonly from: number;
  readonly length: number;
}

/** One bar in percent, with a gap for nothing. */
const Bar = ({
  stretches,
  label,
}: {
  readonly stretches: readonly Stretch[];
  readonly label: string;
}): JSX.Element => (
  <svg
    class="bar"
    viewBox={`0 0 ${BAR} 4`}
    preserveAspectRatio="none"
    role="img"
    aria-label={label}
  >
    <rect class="bar-ground" width={BAR} height="4" />
    {stretches.map(({ kind, from, length }) => (
      <rect key={kind + from} class={`bar-${kind}`} x={from} width={length} height="4" />
    ))}
  </svg>
);

const outcomesOf = (epoch: EpochAnswer): readonly Stretch[] => {
  const total = OUTCOMES.reduce((sum, kind) => sum + epoch[kind], 0);
  let from = 0;
  return OUTCOMES.filter(kind => epoch[kind] > 0).map(kind => {
    const length = (epoch[kind] / total) * BAR;
    from += length;
    return { kind, from: from - length, length };
  });
};

const Failures = ({ failures }: { readonly failures: readonly FailureAnswer[] }): JSX.Element => (
  <Table
    caption="Vats that failed in this epoch and are still out of service"
    columns={[
      { head: 'vat', cell: ({ vatID, name }) => <MaybeRef id={vatID} name={name} /> },
      { head: 'service', cell: ({ service }) => <State state={service} /> },
      { head: 'since crank', number: true, cell: ({ sinceCrank }) => count(sinceCrank) },
      { head: 'error', cell: ({ error }) => <Foreign text={error} /> },
    ]}
    rows={failures}
    keyOf={({ vatID }) => vatID}
    empty="No vat that failed in this epoch is still out of service."
  />
);

/** The turns of a restart, one after the other, from the slog. */
const Turns = ({ turns }: { readonly turns: readonly TurnAnswer[] }): JSX.Element => {
  const begins = turns.map(({ time, ms }) => time - ms);
  const first = Math.min(...begins);
  const span = Math.max(1, Math.max(...turns.map(({ time }) => time)) - first);
  return (
    <details open={turns.length <= 20}>
      <summary>
        {plural(turns.length, 'turn')} from {dateAndTime(first)}, {millis(span)} in all
      </summary>
      <Table
        caption="The turn of each vat, from the slog"
        columns={[
          { head: 'vat', cell: ({ vatID, name }) => <MaybeRef id={vatID} name={name} /> },
          { head: 'result', cell: ({ result }) => <State state={result} /> },
          { head: 'took', number: true, cell: ({ ms }) => millis(ms) },
          {
            head: 'when',
            cell: ({ time, ms, result }) => (
              <Bar
                label={`${millis(time - ms - first)} after the first began`}
                stretches={[
                  {
                    kind: result,
                    from: ((time - ms - first) / span) * BAR,
                    length: Math.max(0.5, (ms / span) * BAR),
                  },
                ]}
              />
            ),
          },
          { head: 'error', cell: ({ error }) => (error === null ? '–' : <Foreign text={error} />) },
        ]}
        rows={turns}
        keyOf={({ vatID }) => vatID}
        empty=""
      />
    </details>
  );
};

const Epoch = ({ epoch, until }: { readonly epoch: EpochAnswer; readonly until: number }) => {
  const { fingerprint, options, startedAtCrank, status, failures, turns } = epoch;
  const stretches = outcomesOf(epoch);
  const shown = OUTCOMES.filter(kind => epoch[kind] > 0);
  return (
    <li>
      <h2>
        <Foreign text={String(epoch.epoch)} /> <State state={status} />
      </h2>
      {stretches.length > 0 && (
        <>
          <Bar
            stretches={stretches}
            label={shown.map(kind => `${epoch[kind]} ${kind}`).join(', ')}
          />
          <ul class="outcomes">
            {shown.map(kind => (
              <li key={kind} class={`outcome-${kind}`}>
                {count(epoch[kind])} {kind}
              </li>
            ))}
          </ul>
        </>
      )}
      <Facts
        facts={[
          ['began before crank', count(startedAtCrank)],
          ['cranks in it', count(Math.max(0, until - startedAtCrank))],
          ['mode', status === 'baseline' ? 'first start: no restart' : options.mode],
          ['a vat that fails', options.onVatFailure],
          ['engine', <Foreign key="e" text={fingerprint.engine} />],
          ['platform', fingerprint.platform],
        ]}
      />
      <Failures failures={failures} />
      {turns.length > 0 && <Turns turns={turns} />}
    </li>
  );
};

const Shown = ({ epochs, crankNumber, rolling, fromSlog }: EpochsAnswer): JSX.Element => {
  if (epochs.length === 0) {
    return <p class="empty">The store has no platform epoch: it is older than epochs.</p>;
  }
  return (
    <>
      {rolling && (
        <p class="note">
          A rolling restart is under way: {count(rolling.sleeping)} of{' '}
          {plural(rolling.total, 'vat')} still sleep.
        </p>
      )}
      <p class="note">
        {fromSlog
          ? 'Turns of vats come from the slog, as far back as it goes. The rest comes from the store.'
          : 'The store keeps the counts of each restart, and the errors of vats that are still out of service. With --slog, the turn of every vat is shown as well.'}
      </p>
      <ol class="timeline" reversed>
        {epochs
          .map((epoch, index) => (
            <Epoch
              key={index}
              epoch={epoch}
              until={epochs[index + 1]?.startedAtCrank ?? crankNumber}
            />
          ))
          .reverse()}
      </ol>
    </>
  );
};

export const Epochs = (): JSX.Element => (
  <>
    <Title>Platform epochs</Title>
    <Rehearsal />
    <Loaded answer={useAnswer<EpochsAnswer>('/api/epochs')}>{Shown}</Loaded>
  </>
);
