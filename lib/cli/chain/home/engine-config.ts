/**
 * CometBFT's `config.toml` for a new home. It names only the settings that differ from CometBFT's
 * defaults or that operators change; CometBFT takes its default for every other one.
 */

export interface EngineSettings {
  readonly moniker: string;
  /** `unix:///…` or `tcp://…`: where the application listens. */
  readonly application: string;
  /** `tcp://127.0.0.1:26657` */
  readonly rpc: string;
  readonly p2p: string;
  /** `<node id>@<host>:<port>` */
  readonly peers: readonly string[];
  /** All nodes share one machine: peers have one address, and it is a private one. */
  readonly oneMachine: boolean;
  /** Overrides, `section.name` to value: what a spec or a bench needs otherwise. */
  readonly overrides?: Readonly<Record<string, TomlValue>>;
}

export type TomlValue = string | number | boolean;

/** JSON's strings are TOML's basic strings. */
const toml = (value: TomlValue): string => JSON.stringify(value);

type Section = Readonly<Record<string, TomlValue>>;

const sections = ({
  moniker,
  application,
  rpc,
  p2p,
  peers,
  oneMachine,
}: EngineSettings): Readonly<Record<string, Section>> => ({
  '': {
    moniker,
    proxy_app: application,
    abci: 'socket',
    log_level: 'info',
    // The supervisor tells errors from the rest by the first letter of a line.
    log_format: 'plain',
    log_colors: false,
  },
  rpc: {
    laddr: rpc,
    // Base64 and JSON around a transaction of 1 MB, the mempool's limit.
    max_body_bytes: 2_000_000,
  },
  p2p: {
    laddr: p2p,
    persistent_peers: peers.join(','),
    ...(oneMachine && { allow_duplicate_ip: true, addr_book_strict: false, pex: false }),
  },
  consensus: {
    timeout_commit: '1s',
    // Without work, a block each 5 s: timers fire, and the newest snapshot gets the two blocks
    // that a joining node needs.
    create_empty_blocks: true,
    create_empty_blocks_interval: '5s',
  },
  statesync: { enable: false },
  tx_index: { indexer: 'kv' },
});

const withOverrides = (
  base: Readonly<Record<string, Section>>,
  overrides: Readonly<Record<string, TomlValue>>,
): Record<string, Section> => {
  const result: Record<string, Section> = { ...base };
  for (const [path, value] of Object.entries(overrides)) {
    const dot = path.indexOf('.');
    const section = dot < 0 ? '' : path.slice(0, dot);
    result[section] = { ...result[section], [path.slice(dot + 1)]: value };
  }
  return result;
};

/** The text of `config.toml`. */
export const engineConfigText = (settings: EngineSettings): string => {
  const all = withOverrides(sections(settings), settings.overrides ?? {});
  const parts = Object.entries(all).map(([name, section]) => {
    const lines = Object.entries(section).map(([key, value]) => `${key} = ${toml(value)}`);
    return [...(name === '' ? [] : [`[${name}]`]), ...lines].join('\n');
  });
  const head =
    '# Settings of CometBFT 0.38. What is not named here has its default:\n' +
    '# https://docs.cometbft.com/v0.38/references/config/config.toml';
  return `${[head, ...parts].join('\n\n')}\n`;
};

/**
 * The value of one setting in a `config.toml`, for the few that we read. It understands what we
 * and CometBFT write: one setting a line. Undefined if the file does not name it.
 */
export const readEngineSetting = (text: string, path: string): string | undefined => {
  const dot = path.indexOf('.');
  const wanted = dot < 0 ? '' : path.slice(0, dot);
  const name = path.slice(dot + 1);
  let section = '';
  for (const line of text.split('\n')) {
    section = /^\s*\[([\w.]+)\]/.exec(line)?.[1] ?? section;
    const [, key, quoted, bare] =
      /^\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^#\s]+))/.exec(line) ?? [];
    if (section !== wanted || key !== name) continue;
    return quoted === undefined ? bare : (JSON.parse(`"${quoted}"`) as string);
  }
  return undefined;
};
