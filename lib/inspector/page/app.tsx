/** The frame of the page: navigation, the clock, and the view of the present path. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { count } from './format.js';
import { usePulse, type Pulse } from './live.js';
import { Title } from './parts.js';
import { goTo, usePlace, type Place } from './router.js';
import { Activity } from './views/activity.js';
import { Clist } from './views/clist.js';
import { Epochs } from './views/epochs.js';
import { KRef } from './views/kref.js';
import { Overview } from './views/overview.js';
import { isQueue, Queue, WaitingPage } from './views/queues.js';
import { Devices, Objects, Promises } from './views/tables.js';
import { Item, Transcript } from './views/transcript.js';
import { Vat } from './views/vat.js';
import { Vats } from './views/vats.js';

const LINKS = [
  ['', 'Overview'],
  ['vats', 'Vats'],
  ['epochs', 'Epochs'],
  ['queues', 'Queues', '/queues/run'],
  ['promises', 'Promises'],
  ['objects', 'Objects'],
  ['devices', 'Devices'],
  ['activity', 'Activity'],
] as const;

const Navigation = ({ path: [first = ''] }: Place): JSX.Element => (
  <nav aria-label="Views">
    {LINKS.map(([id, text, href = `/${id}`]) => (
      <a key={id} href={href} {...(id === first && { 'aria-current': 'page' as const })}>
        {text}
      </a>
    ))}
  </nav>
);

const hrefOf = (text: string): string | undefined => {
  const id = text.trim();
  if (/^k[opd]\d{1,15}$/.test(id)) return `/krefs/${id}`;
  if (/^v\d{1,15}$/.test(id)) return `/vats/${id}`;
  return /^d\d{1,15}$/.test(id) ? `/clists/${id}` : undefined;
};

const Finder = (): JSX.Element => (
  <form
    role="search"
    onSubmit={event => {
      event.preventDefault();
      const input = event.currentTarget.elements.namedItem('id');
      if (!(input instanceof HTMLInputElement)) return;
      const href = hrefOf(input.value);
      input.setCustomValidity(href === undefined ? 'For example ko20, kp40, kd30, v1 or d7' : '');
      if (href === undefined) input.reportValidity();
      else goTo(href);
    }}
  >
    <label for="id">Go to</label>
    <input
      id="id"
      name="id"
      placeholder="ko20"
      autocomplete="off"
      spellcheck={false}
      size={12}
      onInput={event => event.currentTarget.setCustomValidity('')}
    />
    <button type="submit">Go</button>
  </form>
);

const statusOf = ({ problem, storeProblem, crankNumber, server }: Pulse): string => {
  if (problem?.code === 'UNAUTHORIZED') return 'no token';
  if (problem) return 'not connected';
  if (storeProblem !== null) return 'the store can not be read';
  if (crankNumber === undefined) return 'connecting';
  return server === null ? 'live' : 'live, server runs';
};

const Clock = (): JSX.Element => {
  const pulse = usePulse();
  const { problem, storeProblem, crankNumber } = pulse;
  const isLost = problem !== undefined || storeProblem !== null;
  return (
    <p id="clock" class={isLost ? 'clock lost' : 'clock'}>
      {/* A reader aloud says what changes in it, so the number of each commit is outside. */}
      <span role="status">{statusOf(pulse)}</span>
      {!isLost && crankNumber !== undefined && `, crank ${count(crankNumber)}`}
    </p>
  );
};

const Powers = (): JSX.Element =>
  usePulse().mayAct ? (
    <p>Reads the store as of its last commit. What you change, the solo server changes.</p>
  ) : (
    <p>Reads the store as of its last commit, and writes nothing.</p>
  );

const Nowhere = (): JSX.Element => (
  <>
    <Title>There is no such view</Title>
    <p>
      <a href="/">Overview</a>
    </p>
  </>
);

const VatView = (place: Place & { readonly vatID: string }): JSX.Element => {
  const [, , part, position] = place.path;
  const { vatID } = place;
  if (part === undefined) return <Vat vatID={vatID} />;
  if (part === 'waiting') return <WaitingPage {...place} />;
  if (part !== 'transcript') return <Nowhere />;
  return position === undefined ? (
    <Transcript {...place} />
  ) : (
    <Item vatID={vatID} position={position} />
  );
};

const View = (place: Place): JSX.Element => {
  const [first, second] = place.path;
  switch (first) {
    case undefined:
      return <Overview />;
    case 'vats':
      return second === undefined ? <Vats {...place} /> : <VatView {...place} vatID={second} />;
    case 'epochs':
      return <Epochs />;
    case 'queues':
      return isQueue(second) ? <Queue {...place} name={second} /> : <Nowhere />;
    case 'promises':
      return <Promises {...place} />;
    case 'objects':
      return <Objects {...place} />;
    case 'devices':
      return <Devices {...place} />;
    case 'clists':
      return second === undefined ? <Nowhere /> : <Clist {...place} owner={second} />;
    case 'krefs':
      return second === undefined ? <Nowhere /> : <KRef kref={second} />;
    case 'activity':
      return <Activity />;
    default:
      return <Nowhere />;
  }
};

/** After a navigation the focus is on the new heading, where a reader begins. */
const useFocusAndTitle = (path: string): void => {
  const hasEntered = useRef(false);
  useEffect(() => {
    const title = document.getElementById('title');
    document.title = `${title?.textContent ?? 'Inspector'} – swingset-kernel inspector`;
    if (hasEntered.current) title?.focus({ preventScroll: true });
    hasEntered.current = true;
  }, [path]);
};

export const App = (): JSX.Element => {
  const place = usePlace();
  const path = place.path.join('/');
  const where = `${path}?${place.query.toString()}`;
  useFocusAndTitle(where);
  return (
    <>
      <a class="skip" href="#title">
        Skip to the content
      </a>
      <header>
        <p class="brand">swingset-kernel inspector</p>
        <Clock />
        <Finder />
        <Navigation {...place} />
      </header>
      <main key={path}>
        <View {...place} />
      </main>
      <footer>
        <Powers />
        <p>
          <a href="/LICENSES.txt" target="_blank" rel="noopener">
            Licences of preact and uPlot
          </a>
        </p>
      </footer>
    </>
  );
};
