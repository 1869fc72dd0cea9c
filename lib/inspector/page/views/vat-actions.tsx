/** What may be done to a vat: forms that ask the solo server of the home, and what came of it. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { LiveVat } from '../../answers.js';
import { confirmationOf } from '../../confirmation.js';
import { ACTIONS, isOnlyAsleep, perform, type Action, type Outcome } from '../actions.js';
import { usePulse } from '../live.js';
import { Foreign, Ref } from '../parts.js';

const Parameters = ({ id }: { readonly id: string }): JSX.Element => (
  <p class="field">
    <label for={id}>Parameters, as JSON (without: those that it has retained)</label>
    <textarea id={id} name="parameters" rows={2} spellcheck={false} />
  </p>
);

const Fields = ({ name, vat }: { readonly name: Action['name']; readonly vat: LiveVat }) => {
  switch (name) {
    case 'upgrade':
      return (
        <>
          <p class="field">
            <label for="upgrade-file">Bundle of the new code, a file</label>
            <input id="upgrade-file" name="file" type="file" accept=".json,application/json" />
          </p>
          <p class="field">
            <label for="upgrade-bundle">or the ID of an installed bundle</label>
            <input id="upgrade-bundle" name="bundleID" autocomplete="off" spellcheck={false} />
          </p>
          <Parameters id="upgrade-parameters" />
        </>
      );
    case 'restart':
      return <Parameters id="restart-parameters" />;
    case 'send':
      return (
        <>
          <p class="field">
            <label for="send-method">Method</label>
            <input id="send-method" name="method" required autocomplete="off" spellcheck={false} />
          </p>
          <p class="field">
            <label for="send-args">Arguments, as JSON with commas between them</label>
            <textarea id="send-args" name="args" rows={2} spellcheck={false} />
          </p>
        </>
      );
    case 'terminate':
      return (
        <p class="field">
          <label for="terminate-confirm">
            To confirm it, type <strong>{confirmationOf(vat.vatID, vat.name)}</strong>
          </label>
          <input
            id="terminate-confirm"
            name="confirm"
            required
            autocomplete="off"
            spellcheck={false}
          />
        </p>
      );
    default:
      return null;
  }
};

const Form = ({
  action: { name, title, verb, does },
  isBusy,
  isDisabled,
  onOpen,
  onSubmit,
  children,
}: {
  readonly action: Action;
  readonly isBusy: boolean;
  readonly isDisabled: boolean;
  readonly onOpen: () => void;
  readonly onSubmit: (form: HTMLFormElement) => void;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <details
    class="action"
    name="action"
    onToggle={event => {
      if (event.currentTarget.open) onOpen();
    }}
  >
    <summary>{title}</summary>
    <form
      onSubmit={event => {
        event.preventDefault();
        onSubmit(event.currentTarget);
      }}
    >
      <p class="note">{does}</p>
      {children}
      <button type="submit" class={name === 'terminate' ? 'danger' : ''} disabled={isDisabled}>
        {isBusy ? 'Working…' : verb}
      </button>
    </form>
  </details>
);

const Told = ({ outcome }: { readonly outcome: Outcome | undefined }): JSX.Element => (
  <div role="status">
    {outcome && (
      <p class={`outcome outcome-${outcome.kind}`}>
        <Foreign text={outcome.text} />
        {outcome.kpid != null && (
          <>
            {' '}
            <Ref id={outcome.kpid} />
          </>
        )}
      </p>
    )}
  </div>
);

const Forms = ({
  vat,
  hasServer,
}: {
  readonly vat: LiveVat;
  readonly hasServer: boolean;
}): JSX.Element => {
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState<Action['name']>();
  const submit = async (action: Action, form: HTMLFormElement): Promise<void> => {
    setBusy(action.name);
    setOutcome(undefined);
    const told = await perform(action, vat.vatID, new FormData(form));
    setBusy(undefined);
    setOutcome(told);
    if (told.kind === 'problem') return;
    form.reset();
    form.closest('details')?.removeAttribute('open');
  };
  return (
    <>
      {ACTIONS.filter(({ isOffered }) => isOffered(vat)).map(action => (
        <Form
          key={action.name}
          action={action}
          isBusy={busy === action.name}
          isDisabled={busy !== undefined || !hasServer}
          onOpen={() => setOutcome(undefined)}
          onSubmit={form => void submit(action, form)}
        >
          <Fields name={action.name} vat={vat} />
        </Form>
      ))}
      <Told outcome={outcome} />
    </>
  );
};

export const VatActions = ({ vat }: { readonly vat: LiveVat }): JSX.Element | null => {
  const { mayAct, server } = usePulse();
  if (!mayAct) {
    return vat.service === null || isOnlyAsleep(vat) ? null : (
      <p class="note">
        The commands <code>upgrade</code>, <code>resume</code> and <code>terminate</code> mend it.
        So does this page, if the inspector is started with <code>--allow-actions</code>.
      </p>
    );
  }
  return (
    <section aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      {server === null && (
        <p class="note">
          No solo server runs on this home, so nothing can be changed from here. Start one with{' '}
          <code>swingset-kernel start</code>.
        </p>
      )}
      <Forms vat={vat} hasServer={server !== null} />
    </section>
  );
};
