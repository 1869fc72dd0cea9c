/**
 * Where the page is. Links are plain links with paths; a click on one changes the view without
 * loading the page again. Each of them also works in a new tab.
 */
import { useEffect, useState } from 'preact/hooks';

export interface Place {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

const here = (): Place => ({
  path: location.pathname.split('/').filter(part => part !== ''),
  query: new URLSearchParams(location.search),
});

const listeners = new Set<() => void>();

const announce = (): void => {
  for (const listener of listeners) listener();
};

/** Goes to a path of the page. */
export const goTo = (href: string): void => {
  history.pushState(null, '', href);
  scrollTo(0, 0);
  announce();
};

const isPlainClick = (event: MouseEvent): boolean =>
  event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

const takeClick = (event: MouseEvent): void => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || !isPlainClick(event) || link.origin !== location.origin) return;
  const href = link.getAttribute('href') ?? '';
  // The skip link goes to a place on this page.
  if (!href.startsWith('/') || link.target !== '') return;
  event.preventDefault();
  goTo(href);
};

export const startRouter = (): void => {
  document.addEventListener('click', takeClick);
  addEventListener('popstate', announce);
};

export const usePlace = (): Place => {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const listener = (): void => setPlace(here());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
  return place;
};
