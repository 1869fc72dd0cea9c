/**
 * Starts the inspector: a page on loopback that shows a store beside the kernel that runs on it
 * (`docs/inspector.md`).
 */
import { randomBytes } from 'node:crypto';
import { BadOptionError } from '../errors.js';
import { asKVStore } from '../host/committed-kernel.js';
import { NoConfigError } from '../host/solo-host.js';
import { makeTokenCheck } from '../host/solo-server/token.js';
import { assertCurrentSchema, storedSchemaVersion } from '../state/schema-version.js';
import { insistKnownFields } from '../unknown-fields.js';
import { makeSlogReader, type SlogReader } from './activity/slog-reader.js';
import { LiveStore } from './live-store.js';

export interface InspectorOptions {
  /** Directory of the swingstore. */
  readonly home: string;
  /** On 127.0.0.1 and, where there is one, ::1. Default 0: a free port. */
  readonly port?: number;
  /** A file that `run --slog` or `start --slog` writes. The plots come from it. */
  readonly slog?: string;
}

export interface Inspector {
  /** With the token: `http://127.0.0.1:PORT/#token=…`. Whoever has it may read the store. */
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

const checkOptions = ({ home, port = 0, slog }: InspectorOptions): void => {
  if (typeof home !== 'string' || home === '') {
    throw new BadOptionError('home', home, 'the directory of a swingstore');
  }
  if (!Number.isSafeInteger(port) || port < 0 || port > 65_535) {
    throw new BadOptionError('port', port, 'a port, or 0 for a free one');
  }
  if (slog !== undefined && (typeof slog !== 'string' || slog === '')) {
    throw new BadOptionError('slog', slog, 'the path of a file');
  }
};

const openStore = (home: string): LiveStore => {
  const store = new LiveStore(home, Date.now);
  try {
    store.read(({ reader }) => {
      const kvStore = asKVStore(reader);
      if (storedSchemaVersion(kvStore) === undefined) throw new NoConfigError(home);
      assertCurrentSchema(kvStore);
    });
    store.begin();
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
};

/** Looks at the store and at the slog, time after time. @returns what ends it */
const watch = (store: LiveStore, slog: SlogReader | undefined): (() => void) => {
  const look = async (): Promise<void> => {
    try {
      store.look();
    } catch {
      // The next answer says what is wrong.
    }
    if (await slog?.step()) store.announce();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  void look();
  return () => clearInterval(timer);
};

/**
 * Serves the page of a store on loopback. It reads as of the last commit, also while a kernel runs,
 * and writes nothing.
 *
 * @throws BadOptionError, NoConfigError for a store without a swingset, SchemaVersionError for one of
 *   other software, the errors of a store that can't be read, and system errors when the port is taken
 *   (issue 17)
 */
export const startInspector = async (options: InspectorOptions): Promise<Inspector> => {
  insistKnownFields(options, ['home', 'port', 'slog']);
  checkOptions(options);
  const { home, port = 0, slog: slogPath } = options;
  const store = openStore(home);
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
    const ports = { home, store, slog, stopping: stopping.signal };
    const listening = await listen(await makeApp({ ...ports, page, isAuthorized }), port);
    const endWatch = watch(store, slog);
    return {
      url: `${listening.url}/#token=${token}`,
      port: listening.port,
      token,
      close: async () => {
        endWatch();
        stopping.abort();
        await listening.close();
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
};
