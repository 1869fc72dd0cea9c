/**
 * The token of the printed URL. It comes in the fragment, which browsers send to nobody, and is kept
 * for this origin (host and port), so that further tabs have it.
 */
const KEY = 'inspector-token';

export const readToken = (): string => {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given !== null) {
    localStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return localStorage.getItem(KEY) ?? '';
};
