/** Tries a restart before it is done: what would become of each vat. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RehearsalAnswer, RehearsedVat } from '../../answers.js';
import { AnswerError, post } from '../api.js';
import { count, millis, plural } from '../format.js';
import { useAnswer, usePulse } from '../live.js';
import { Block, Foreign, Loaded, MaybeRef, State, Table, type Column } from '../parts.js';

const COLUMNS: readonly Column<RehearsedVat>[] = [
  { head: 'vat', cell: ({ vatID, name }) => <MaybeRef id={vatID} name={name} /> },
  {
    head: 'result',
    cell: ({ result, critical }) => (
      <>
        <State state={result} /> {critical && 'critical'}
      </>
    ),
  },
  { head: 'took', number: true, cell: ({ ms }) => millis(ms) },
  { head: 'events for it', number: true, cell: ({ waiting }) => count(waiting) },
  { head: 'error', cell: ({ error }) => (error === null ? '–' : <Foreign text={error} />) },
];

const Result = (answer: RehearsalAnswer): JSX.Element | null => {
  switch (answer.state) {
    case 'none':
      return null;
    case 'running':
      return (
        <p role="status">
          Rehearsing <Foreign text={answer.epoch} /> on a copy of the store…
        </p>
      );
    case 'failed':
      return (
        <div role="status" class="outcome outcome-problem">
          <p>
            <Foreign text={answer.epoch} /> could not be rehearsed:
          </p>
          <Block text={answer.problem} length={answer.problem.length} />
        </div>
      );
    case 'done': {
      const { ok, epoch, verdict, problem, notes, vats, of } = answer;
      return (
        <>
          <div role="status" class={`outcome outcome-${ok ? 'done' : 'problem'}`}>
            <p>
              <Foreign text={epoch} />: <Foreign text={verdict} />.
            </p>
            {[...(problem === null ? [] : [problem]), ...notes].map(note => (
              <p key={note}>
                <Foreign text={note} />
              </p>
            ))}
          </div>
          <Table
            caption={
              of > vats.length
                ? `The first ${count(vats.length)} of ${plural(of, 'vat')} of the rehearsal, worst first`
                : 'Vats of the rehearsal, worst first'
            }
            columns={COLUMNS}
            rows={vats}
            keyOf={({ vatID }) => vatID}
            empty="It restarted no vat."
          />
        </>
      );
    }
    default:
      return answer satisfies never;
  }
};

const Panel = (): JSX.Element => {
  const answer = useAnswer<RehearsalAnswer>('/api/rehearsal');
  const [problem, setProblem] = useState<string>();
  const send = async (path: string, body: object): Promise<void> => {
    setProblem(undefined);
    try {
      await post<RehearsalAnswer>(path, JSON.stringify(body));
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      setProblem(error.message);
    }
  };
  const isRunning = answer.data?.state === 'running';
  return (
    <section class="rehearsal" aria-labelledby="rehearsal">
      <h2 id="rehearsal">Rehearse an epoch</h2>
      <p class="note">
        Restarts the vats of a copy, on the platform of this inspector&rsquo;s release. The store is
        only read.
      </p>
      <form
        onSubmit={event => {
          event.preventDefault();
          const epoch = new FormData(event.currentTarget).get('epoch');
          if (typeof epoch === 'string') void send('/api/rehearsal', { epoch: epoch.trim() });
        }}
      >
        <label for="epoch">Epoch</label>
        <input id="epoch" name="epoch" required maxLength={200} autocomplete="off" size={16} />
        <button type="submit" disabled={isRunning}>
          Rehearse
        </button>
        {isRunning && (
          <button type="button" onClick={() => void send('/api/rehearsal/stop', {})}>
            Stop
          </button>
        )}
      </form>
      {problem !== undefined && (
        <p role="alert" class="outcome outcome-problem">
          <Foreign text={problem} />
        </p>
      )}
      <Loaded answer={answer}>{Result}</Loaded>
    </section>
  );
};

/** Only where the page may act: it copies the store, and starts every vat. */
export const Rehearsal = (): JSX.Element | null => (usePulse().mayAct ? <Panel /> : null);
