/**
 * The token of the printed URL. It comes in the fragment, which browsers send to nobody, and is kept
 * for this origin (host and port), so that further tabs have it.
 */
const KEY = 'inspector-token';

const keep = (token: string): boolean => {
  try {
    localStorage.setItem(KEY, token);
    return true;
  } catch {
    return false;
  }
};

const kept = (): string => {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
};

export const readToken = (): string => {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null) return kept();
  // A browser that was told to keep nothing has it in the URL, for a reload.
  if (keep(given)) history.replaceState(null, '', location.pathname + location.search);
  return given;
};
