/** Cranks per block, and time per vat. */
import type { JSX } from 'preact';
import type { ActivityAnswer, SlogActivity, VatActivity } from '../../answers.js';
import { clock, count, dateAndTime, millis, seconds } from '../format.js';
import { useAnswer } from '../live.js';
import { Foreign, Loaded, MaybeRef, Table, Title, type Column } from '../parts.js';
import { Plot } from '../plot.js';

const Blocks = ({ blocks, since }: ActivityAnswer): JSX.Element => {
  const hasHeights = blocks.some(({ height }) => height !== null);
  return (
    <section aria-labelledby="blocks">
      <h2 id="blocks">Cranks per block</h2>
      <p class="note">
        The commits that the inspector has seen since it started at {dateAndTime(since)}
        {hasHeights
          ? '. The host makes blocks; commits closer than half a second are one bar.'
          : '. The host makes no blocks, so each commit is a bar.'}{' '}
        The store keeps no older ones.
      </p>
      <Plot
        title="Cranks per block"
        unit="cranks"
        isTime
        xs={blocks.map(({ time }) => time / 1000)}
        xLabel="time"
        series={[{ label: 'cranks', values: blocks.map(({ cranks }) => cranks) }]}
        showX={x => clock(x * 1000)}
        showY={count}
      />
    </section>
  );
};

const labelOf = (vats: readonly VatActivity[], vatID: string): string => {
  const name = vats.find(vat => vat.vatID === vatID)?.name;
  return name == null ? vatID : `${vatID} ${name}`;
};

const FromSlog = ({
  slog,
  vats,
}: {
  readonly slog: SlogActivity;
  readonly vats: readonly VatActivity[];
}): JSX.Element => {
  const { buckets, busiest, bucketMs, path, bytes, left, badLines, problem } = slog;
  const xs = buckets.map(({ time }) => time / 1000);
  const each = `per ${millis(bucketMs)}`;
  return (
    <section aria-labelledby="slog">
      <h2 id="slog">Over time, from the slog</h2>
      <p class="note">
        From <Foreign text={path} />: {count(bytes)} bytes read
        {left > 0 && <>, {count(left)} are left</>}
        {badLines > 0 && <>, {count(badLines)} lines are no entries</>}.
      </p>
      {problem !== null && (
        <p class="problem" role="alert">
          <Foreign text={problem} />
        </p>
      )}
      <Plot
        title="Cranks over time"
        unit={`cranks ${each}`}
        isTime
        xs={xs}
        xLabel="time"
        series={[{ label: 'cranks', values: buckets.map(({ cranks }) => cranks) }]}
        showX={x => dateAndTime(x * 1000)}
        showY={count}
      />
      <Plot
        title="Time of the busiest vats"
        unit={`seconds of deliveries ${each}`}
        isTime
        xs={xs}
        xLabel="time"
        series={busiest.map((vatID, index) => ({
          label: labelOf(vats, vatID),
          values: buckets.map(bucket => bucket.seconds[index] ?? 0),
        }))}
        showX={x => dateAndTime(x * 1000)}
        showY={seconds}
      />
    </section>
  );
};

const SHARE = 100;

/** How much of the most a vat has. */
const Share = ({ part, of }: { readonly part: number; readonly of: number }): JSX.Element => (
  <svg class="bar" viewBox={`0 0 ${SHARE} 4`} preserveAspectRatio="none" aria-hidden="true">
    <rect class="bar-ground" width={SHARE} height="4" />
    <rect class="bar-share" width={of === 0 ? 0 : (part / of) * SHARE} height="4" />
  </svg>
);

const columnsOf = (
  vats: readonly VatActivity[],
  hasTimes: boolean,
): readonly Column<VatActivity>[] => {
  const weight = (vat: VatActivity): number => vat.seconds ?? vat.deliveries;
  const most = Math.max(0, ...vats.map(weight));
  const vat: Column<VatActivity> = {
    head: 'vat',
    cell: ({ vatID, name }) => <MaybeRef id={vatID} name={name} />,
  };
  const deliveries: Column<VatActivity> = {
    head: 'deliveries',
    number: true,
    cell: each => count(each.deliveries),
  };
  const share: Column<VatActivity> = {
    head: 'share of the busiest',
    cell: each => <Share part={weight(each)} of={most} />,
  };
  if (!hasTimes) return [vat, deliveries, share];
  return [
    vat,
    { head: 'time', number: true, cell: each => seconds(each.seconds ?? 0) },
    deliveries,
    { head: 'computrons', number: true, cell: each => count(each.computrons ?? 0) },
    share,
  ];
};

const Shown = (activity: ActivityAnswer): JSX.Element => {
  const { vats, slog } = activity;
  return (
    <>
      <Blocks {...activity} />
      {slog && <FromSlog slog={slog} vats={vats} />}
      <section aria-labelledby="vats">
        <h2 id="vats">{slog ? 'Time per vat' : 'Deliveries per vat'}</h2>
        <p class="note">
          {slog
            ? 'All deliveries in the slog. Local workers count no computrons.'
            : 'All items of the transcripts so far, which is what the store records. Start the inspector with --slog for times.'}
        </p>
        <Table
          caption={slog ? 'Vats by time' : 'Vats by deliveries'}
          columns={columnsOf(vats, slog !== null)}
          rows={vats}
          keyOf={({ vatID }) => vatID}
          empty="No vat has had a delivery."
        />
      </section>
    </>
  );
};

export const Activity = (): JSX.Element => (
  <>
    <Title>Activity</Title>
    <Loaded answer={useAnswer<ActivityAnswer>('/api/activity')}>{Shown}</Loaded>
  </>
);
