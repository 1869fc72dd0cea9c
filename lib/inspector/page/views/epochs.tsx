/** The epoch ledger: a timeline of the restarts, and what failed in each. */
import type { JSX } from 'preact';
import type { EpochAnswer, EpochsAnswer, FailureAnswer, TurnAnswer } from '../../answers.js';
import { count, dateAndTime, millis, plural } from '../format.js';
import { useAnswer } from '../live.js';
import { Facts, Foreign, Loaded, MaybeRef, State, Table, Title } from '../parts.js';
import { Rehearsal } from './rehearsal.js';

interface Outcome {
  readonly kind: string;
  readonly number: number;
  readonly text: string;
}

/**
 * What became of each vat, once. Those that failed are among the suspended and the terminated. A vat
 * that was only put to sleep, which the ledger counts as suspended, is no failure.
 */
const outcomesOf = (epoch: EpochAnswer): readonly Outcome[] => {
  const { restarted, suspended, unstarted, terminated, exempt, left } = epoch;
  return (
    [
      ['restarted', restarted, 'restarted'],
      ['suspended', suspended - unstarted, 'suspended'],
      ['unstarted', unstarted, 'asleep, or suspended on request'],
      ['terminated', terminated, 'terminated'],
      ['exempt', exempt, 'exempt'],
      ['left', left, 'yet to come'],
    ] as const
  )
    .map(([kind, number, text]) => ({ kind, number, text }))
    .filter(({ number }) => number > 0);
};

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

const stretchesOf = (outcomes: readonly Outcome[]): readonly Stretch[] => {
  const total = outcomes.reduce((sum, { number }) => sum + number, 0);
  let from = 0;
  return outcomes.map(({ kind, number }) => {
    const length = (number / total) * BAR;
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
          {
            head: 'result',
            cell: ({ result, sleeps }) => <State state={sleeps ? 'sleeping' : result} />,
          },
          { head: 'took', number: true, cell: ({ ms }) => millis(ms) },
          {
            head: 'when',
            cell: ({ time, ms, result, sleeps }) => (
              <Bar
                label={`${millis(time - ms - first)} after the first began`}
                stretches={[
                  {
                    kind: sleeps ? 'unstarted' : result,
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
  const outcomes = outcomesOf(epoch);
  return (
    <li>
      <h2>
        <Foreign text={String(epoch.epoch)} /> <State state={status} />
      </h2>
      {outcomes.length > 0 && (
        <>
          <Bar
            stretches={stretchesOf(outcomes)}
            label={outcomes.map(({ number, text }) => `${number} ${text}`).join(', ')}
          />
          <ul class="outcomes">
            {outcomes.map(({ kind, number, text }) => (
              <li key={kind} class={`outcome-${kind}`}>
                {count(number)} {text}
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

const Shown = ({ epochs, crankNumber, rolling, fromSlog, slogLeft }: EpochsAnswer): JSX.Element => {
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
        {slogLeft > 0 && ` The slog is still being read: ${count(slogLeft)} bytes are left.`}
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
