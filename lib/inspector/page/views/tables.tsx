/** The kernel's objects, promises and devices, in pages. */
import type { JSX } from 'preact';
import type { DevicesAnswer, ObjectsAnswer, PromisesAnswer } from '../../answers.js';
import { count } from '../format.js';
import { useAnswer } from '../live.js';
import { Foreign, Loaded, MaybeRef, Pager, Ref, Refs, State, Table, Title } from '../parts.js';
import { Tabs } from '../tabs.js';
import type { Place } from '../router.js';

const pathWith = (
  base: string,
  query: Readonly<Record<string, string | number | null>>,
): string => {
  const given = Object.entries(query).filter(([, value]) => value !== null);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? base : `${base}?${text}`;
};

export const Objects = ({ query }: Place): JSX.Element => {
  const after = query.get('after');
  return (
    <>
      <Title>Objects</Title>
      <Loaded answer={useAnswer<ObjectsAnswer>(pathWith('/api/objects', { after }))}>
        {({ objects, next }) => (
          <>
            <Table
              caption="Objects by number, with the references that count"
              columns={[
                { head: 'object', cell: ({ kref }) => <Ref id={kref} /> },
                {
                  head: 'owner',
                  cell: ({ owner, ownerName }) =>
                    owner === null ? 'orphan' : <MaybeRef id={owner} name={ownerName} />,
                },
                { head: 'reachable', number: true, cell: ({ reachable }) => count(reachable) },
                {
                  head: 'recognizable',
                  number: true,
                  cell: ({ recognizable }) => count(recognizable),
                },
              ]}
              rows={objects}
              keyOf={({ kref }) => kref}
              empty="There are no more objects."
            />
            <Pager
              first={after === null ? undefined : '/objects'}
              next={next === null ? undefined : pathWith('/objects', { after: next })}
            />
          </>
        )}
      </Loaded>
    </>
  );
};

const STATES = [null, 'unresolved', 'fulfilled', 'rejected'] as const;

export const Promises = ({ query }: Place): JSX.Element => {
  const after = query.get('after');
  const state = query.get('state');
  const answer = useAnswer<PromisesAnswer>(pathWith('/api/promises', { state, after }));
  return (
    <>
      <Title>Promises</Title>
      <Tabs
        label="State"
        tabs={STATES.map(each => ({
          text: each ?? 'all',
          href: pathWith('/promises', { state: each }),
          isCurrent: each === state,
        }))}
      />
      <Loaded answer={answer}>
        {({ promises, next }) => (
          <>
            <Table
              caption="Promises by number"
              columns={[
                { head: 'promise', cell: ({ kref }) => <Ref id={kref} /> },
                { head: 'state', cell: each => <State state={each.state} /> },
                { head: 'decider', cell: ({ decider }) => <MaybeRef id={decider} /> },
                { head: 'subscribers', cell: ({ subscribers }) => <Refs ids={subscribers} /> },
                { head: 'queued', number: true, cell: ({ queued }) => count(queued) },
                { head: 'references', number: true, cell: ({ refCount }) => count(refCount) },
              ]}
              rows={promises}
              keyOf={({ kref }) => kref}
              empty={
                next === null
                  ? 'There are no more such promises.'
                  : 'There are none among the next 2,000.'
              }
            />
            <Pager
              first={after === null ? undefined : pathWith('/promises', { state })}
              next={next === null ? undefined : pathWith('/promises', { state, after: next })}
            />
          </>
        )}
      </Loaded>
    </>
  );
};

export const Devices = ({ query }: Place): JSX.Element => {
  const after = query.get('after');
  return (
    <>
      <Title>Devices</Title>
      <Loaded answer={useAnswer<DevicesAnswer>(pathWith('/api/devices', { after }))}>
        {({ devices, nodes, next }) => (
          <>
            <Table
              caption="Devices; each links to its c-list"
              columns={[
                { head: 'device', cell: ({ deviceID }) => <Ref id={deviceID} /> },
                { head: 'name', cell: ({ name }) => <Foreign text={name} /> },
              ]}
              rows={devices}
              keyOf={({ deviceID }) => deviceID}
              empty="The swingset has no devices."
            />
            <Table
              caption="Device nodes"
              columns={[
                { head: 'node', cell: ({ kref }) => <Ref id={kref} /> },
                { head: 'device', cell: ({ owner }) => <Ref id={owner} /> },
              ]}
              rows={nodes}
              keyOf={({ kref }) => kref}
              empty="There are no more device nodes."
            />
            <Pager
              first={after === null ? undefined : '/devices'}
              next={next === null ? undefined : pathWith('/devices', { after: next })}
            />
          </>
        )}
      </Loaded>
    </>
  );
};
