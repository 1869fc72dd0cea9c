/**
 * Starts the inspector: a page on loopback that shows a store beside the kernel that runs on it
 * (`docs/inspector.md`). With `allowActions`, the page also asks the solo server to change vats.
 */
import { randomBytes } from 'node:crypto';
import { BadOptionError } from '../errors.js';
import { insistNoChain } from '../host/operator-actions/chain-store.js';
import { makeTokenCheck } from '../host/solo-server/token.js';
import { insistKnownFields } from '../unknown-fields.js';
import { makeSlogReader, type SlogReader } from './activity/slog-reader.js';
import { LiveServer } from './live-server.js';
import { LiveStore } from './live-store.js';
import { Rehearsals } from './rehearsals.js';

export interface InspectorOptions {
  /** Directory of the swingstore. */
  readonly home: string;
  /** On 127.0.0.1 and, where there is one, ::1. Default 0: a free port. */
  readonly port?: number;
  /** A file that `run --slog` or `start --slog` writes. The plots come from it. */
  readonly slog?: string;
  /**
   * Lets the page rehearse epochs, and suspend, resume, restart, upgrade and end vats through the solo
   * server that runs on the home. Default: it only reads. A chain's home is refused.
   */
  readonly allowActions?: boolean;
}

export interface Inspector {
  /**
   * With the token: `http://127.0.0.1:PORT/#token=…`. Whoever has it may read the store, and change its
   * vats if actions are allowed.
   */
  readonly url: string;
  readonly port: number;
  /** What requests show: `Authorization: Bearer <token>`. Another one at each start. */
  readonly token: string;
  /** Takes no more requests, and closes the store. */
  readonly close: () => Promise<void>;
}

/** How often the inspector looks for a commit and for entries of the slog. */
const LOOK_MS = 500;

const TOKEN_BYTES = 32;

const checkOptions = ({ home, port = 0, slog, allowActions = false }: InspectorOptions): void => {
  if (typeof home !== 'string' || home === '') {
    throw new BadOptionError('home', home, 'the directory of a swingstore');
  }
  if (!Number.isSafeInteger(port) || port < 0 || port > 65_535) {
    throw new BadOptionError('port', port, 'a port, or 0 for a free one');
  }
  if (slog !== undefined && (typeof slog !== 'string' || slog === '')) {
    throw new BadOptionError('slog', slog, 'the path of a file');
  }
  if (typeof allowActions !== 'boolean') {
    throw new BadOptionError('allowActions', allowActions, 'true or false');
  }
  if (allowActions) insistNoChain(home);
};

const openStore = (home: string): LiveStore => {
  const store = new LiveStore(home, Date.now);
  try {
    store.begin();
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
};

/** Looks at the store, the server and the slog, time after time. @returns what ends it */
const watch = (
  store: LiveStore,
  server: LiveServer,
  slog: SlogReader | undefined,
): (() => void) => {
  const look = async (): Promise<void> => {
    store.look();
    if (server.look()) store.announce();
    if (await slog?.step()) store.announce();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  void look();
  return () => clearInterval(timer);
};

/**
 * Serves the page of a store on loopback. It reads as of the last commit, also while a kernel runs,
 * and writes nothing. What `allowActions` lets the page change, the solo server changes.
 *
 * @throws BadOptionError, NoConfigError for a store without a swingset, SchemaVersionError for one of
 *   other software, ChainStoreError for a chain's home with `allowActions`, the errors of a store that
 *   can't be read, and system errors when the port is taken (issue 17)
 */
export const startInspector = async (options: InspectorOptions): Promise<Inspector> => {
  insistKnownFields(options, ['home', 'port', 'slog', 'allowActions']);
  checkOptions(options);
  const { home, port = 0, slog: slogPath, allowActions: mayAct = false } = options;
  const store = openStore(home);
  const server = new LiveServer(home);
  const rehearsals = new Rehearsals(home, () => store.announce());
  const slog = slogPath === undefined ? undefined : makeSlogReader(slogPath);
  const stopping = new AbortController();
  try {
    // Hosts that serve nothing load no server.
    const [{ makeApp }, { listen }, { loadPageFiles }] = await Promise.all([
      import('./http/app.js'),
      import('../host/solo-server/http/listen.js'),
      import('./page-files.js'),
    ]);
    const token = randomBytes(TOKEN_BYTES).toString('hex');
    const page = await loadPageFiles();
    const isAuthorized = makeTokenCheck(token);
    const ports = { home, store, server, mayAct, rehearsals, slog, stopping: stopping.signal };
    const listening = await listen(await makeApp({ ...ports, page, isAuthorized }), port);
    const endWatch = watch(store, server, slog);
    return {
      url: `${listening.url}/#token=${token}`,
      port: listening.port,
      token,
      close: async () => {
        endWatch();
        stopping.abort();
        await rehearsals.close();
        await listening.close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
};
