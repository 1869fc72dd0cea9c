/** The whole swingset at a glance. */
import type { JSX } from 'preact';
import type { OverviewAnswer } from '../../answers.js';
import { count } from '../format.js';
import { useAnswer, usePulse } from '../live.js';
import { Facts, Foreign, Loaded, Table, Title } from '../parts.js';

const STATES = ['running', 'paused', 'sleeping', 'suspended', 'terminated'] as const;

const Stats = ({ stats }: Pick<OverviewAnswer, 'stats'>): JSX.Element => (
  <details>
    <summary>Counters of the kernel</summary>
    <Table
      caption="Counters and gauges, which also /metrics of a solo host tells"
      columns={[
        { head: 'name', cell: ([name]) => <Foreign text={name} /> },
        { head: 'value', number: true, cell: ([, value]) => count(value) },
      ]}
      rows={Object.entries(stats)}
      keyOf={([name]) => name}
      empty="The store has none."
    />
  </details>
);

const Server = (): JSX.Element => {
  const { server } = usePulse();
  return server === null ? <span class="none">none runs</span> : <span>listens at {server}</span>;
};

const Shown = (overview: OverviewAnswer): JSX.Element => {
  const { epoch, height, vats } = overview;
  return (
    <>
      <Facts
        facts={[
          ['cranks so far', count(overview.crankNumber)],
          ['height', height === null ? 'makes no blocks' : count(height)],
          ['run-queue', <a href="/queues/run">{count(overview.runQueue)}</a>],
          ['acceptance queue', <a href="/queues/acceptance">{count(overview.acceptanceQueue)}</a>],
          ['waiting for vats out of service', count(overview.waiting)],
          ['waited, and due again', count(overview.dueAgain)],
          [
            'platform epoch',
            epoch === null ? (
              'none'
            ) : (
              <>
                <a href="/epochs">
                  <Foreign text={String(epoch.epoch)} />
                </a>{' '}
                ({epoch.status})
              </>
            ),
          ],
        ]}
      />
      <h2>Vats</h2>
      <Facts facts={STATES.map(state => [state, count(vats[state])])} />
      <p>
        <a href="/vats">All vats</a>
      </p>
      <h2>Store</h2>
      <Facts
        facts={[
          ['home', <Foreign text={overview.home} />],
          ['solo server', <Server />],
          ['activityhash', <code class="hash">{overview.activityhash || '–'}</code>],
          ['slog', overview.slog === null ? 'none (see --slog)' : <Foreign text={overview.slog} />],
        ]}
      />
      <Stats stats={overview.stats} />
    </>
  );
};

export const Overview = (): JSX.Element => (
  <>
    <Title>Overview</Title>
    <Loaded answer={useAnswer<OverviewAnswer>('/api/overview')}>{Shown}</Loaded>
  </>
);
