/**
 * The commands of each page as a story: what stands for placeholders, what is done before a line
 * because the page takes it for granted, what a line must print, and which lines are not run.
 *
 * A line that no table mentions is run as it is, and must succeed. Lines are named by their text
 * without its comment; the second one of the same text on a page has ` (2)` behind it.
 */
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import type { ListedBundle } from '../../../lib/host/bundle-list.js';
import { runCommand } from '../../cli/support.js';
import type { FencedBlock } from '../support/blocks.js';
import { at, queueDeposits, type Place } from './place.js';
import type { Outcome } from './terminals.js';

export interface Step {
  readonly before?: (place: Place) => unknown;
  /** Changes a line that can't be typed here as it is. */
  readonly instead?: (line: string) => string;
  /** The exit status. Default 0. */
  readonly code?: number;
  /** What it prints matches all of these. */
  readonly shows?: readonly RegExp[];
  readonly after?: (place: Place, outcome: Outcome) => unknown;
}

/** A line that is not run. */
export interface Unrun {
  readonly why: string;
  /**
   * The command line that the parser must take. Default: the line itself, if it runs this package's
   * program.
   */
  readonly parses?: (line: string) => string;
}

/** What replaces a placeholder: always the same, or one value after the other in each line. */
type Swap = string | ((place: Place) => Promise<readonly string[]>);

export interface Story {
  readonly swaps?: Readonly<Record<string, Swap>>;
  readonly steps?: Readonly<Record<string, Step>>;
  readonly unrun?: Readonly<Record<string, Unrun>>;
}

const remove = (...paths: readonly string[]) => ({
  before: (place: Place) => {
    for (const path of paths) rmSync(at(place, path), { recursive: true });
  },
});

const move = (from: string, to: string) => (place: Place) =>
  renameSync(at(place, from), at(place, to));

const stop = (place: Place) => place.terminal.end();

/** Notes the promise of a message. */
const noteKpid = (place: Place, { text }: Outcome): void => {
  place.kpid = /\bkp\d+\b/.exec(text)?.[0] ?? '';
};

const made = (path: string) => (place: Place) => {
  if (!existsSync(at(place, path))) throw Error(`no file ${path}`);
};

const INSTALLS = 'installs packages: spec/package/installed.slow.ts does';
const ENGINE = 'needs the engine CometBFT, as spec/chain has it';

const read = async <T>(place: Place, ...command: readonly string[]): Promise<T> =>
  JSON.parse((await runCommand(...command, '--home', at(place, 'store'), '--json')).text) as T;

/** Of the bundles of the bank and of the bootstrap vat. */
const bundleIDs = async (place: Place): Promise<readonly string[]> => {
  const bundles = await read<readonly ListedBundle[]>(place, 'bundle', 'list');
  return bundles
    .filter(({ vats }) => vats.some(({ name }) => name === 'bank' || name === 'bootstrap'))
    .map(({ bundleID }) => bundleID);
};

const bankID = async (place: Place): Promise<readonly string[]> => {
  const { vatID } = await read<{ readonly vatID: string }>(place, 'vat', 'bank');
  return [vatID];
};

const nodeID = '0'.repeat(40);

export const stories: Readonly<Record<string, Story>> = {
  'README.md': {
    steps: {
      'npx swingset-kernel run swingset.json --home ./store --epoch spring': {
        ...remove('store'),
        shows: [/^made a new swingset in \.\/store/, /bootstrap: fulfilled/],
      },
      'npx swingset-kernel run --home ./store --epoch summer': {
        shows: [/^platform epoch spring -> summer: (\d+) vats of \1 restarted$/m],
      },
    },
    unrun: {
      'npm install': { why: 'installs this repository, as CI does before any spec' },
      'npm start': { why: 'takes longer: stories.slow.ts runs it' },
      'npm install swingset-kernel': { why: INSTALLS },
      'npm install-scripts approve @agoric/xsnap better-sqlite3': { why: INSTALLS },
      'npm rebuild': { why: INSTALLS },
    },
  },

  'docs/chain.md': {
    swaps: {
      '<node id>': nodeID,
      '<id>': nodeID,
      '<host>': 'node0.example',
      '<hash of that block>': 'A'.repeat(64),
      '<home>': './node',
    },
    steps: {
      'swingset-kernel chain init swingset.json --home ./node --chain-id board-1 --platform-epoch spring':
        { shows: [/made the chain board-1 on platform spring/] },
      'swingset-kernel chain join --home ./node --genesis genesis.json --peer <node id>@<host>:26656':
        {
          // On another machine.
          before: place => {
            cpSync(at(place, 'node/config/genesis.json'), at(place, 'genesis.json'));
            move('node', 'node-of-the-first-machine')(place);
          },
        },
      'swingset-kernel chain join --home ./node --genesis genesis.json --peer <id>@<host>:26656 --state-sync http://<host>:26657 --trust-height 119000 --trust-hash <hash of that block>':
        { before: move('node', 'node-of-the-second-machine') },
    },
    unrun: {
      'CGO_ENABLED=0 go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25': {
        why: 'downloads and compiles; scripts/engine.mjs builds the same version',
      },
      'swingset-kernel chain start --home ./testnet/node0': { why: ENGINE },
      'swingset-kernel chain status --home ./testnet/node0': { why: ENGINE },
      'swingset-kernel chain start --home ./node': { why: ENGINE },
      'swingset-kernel chain start --home ./node (2)': { why: ENGINE },
      'swingset-kernel chain tx upgrade summer --at 120000 --mode rolling --info "release 2.1" --key admin-key.json --home ./node':
        { why: ENGINE },
      'swingset-kernel chain query /plan --home ./node': { why: ENGINE },
      'swingset-kernel chain query --prove /storage/published.board --home ./node': { why: ENGINE },
      'exec swingset-kernel "$@" --platform-epoch=summer': {
        why: 'a line of a script, which a process manager calls',
        parses: line => line.replace(/^exec /, '').replace('"$@"', 'chain start --home ./node'),
      },
      'DAEMON_HOME=<home> DAEMON_NAME=chain DAEMON_RESTART_AFTER_UPGRADE=true cosmovisor run chain start --home <home>':
        {
          why: 'needs Cosmovisor, which calls the script above',
          parses: line => line.replace(/^.* cosmovisor run /, 'swingset-kernel '),
        },
    },
  },

  'docs/host-author.md': {
    steps: {
      'swingset-kernel slog diff alice.jsonl bob.jsonl': {
        shows: [/^no difference in [1-9]\d* entries$/],
      },
      'swingset-kernel slog summary alice.jsonl': {
        shows: [/^[1-9]\d* cranks in /m, /^v\d+ .* 2 message/m],
      },
    },
  },

  'docs/inspector.md': {
    steps: {
      'npx swingset-kernel inspect --home ./store --slog ./slog.jsonl': {
        shows: [/^open http:\/\//],
      },
    },
  },

  'docs/observability.md': {
    steps: {
      'npx swingset-kernel start --home ./store --slog slog.jsonl --slog-max-bytes 100000000 --slog-keep 10 --slog-gzip':
        {
          ...remove('slog.jsonl'),
          after: async place => {
            await stop(place);
            made('slog.jsonl')(place);
          },
        },
    },
  },

  'docs/operations.md': {
    swaps: { v14: bankID },
    steps: {
      'swingset-kernel inspect --home ./store': { after: stop },
      'swingset-kernel epoch plan --home ./store --epoch summer': {
        shows: [/^platform epoch spring -> summer: a restart/],
      },
      'swingset-kernel rehearse --home ./store --epoch summer --html rehearsal.html': {
        after: made('rehearsal.html'),
      },
      'swingset-kernel drain --home ./store': { shows: [/^nothing is queued/] },
      'swingset-kernel start --home ./store --epoch summer --require-empty-queue': {
        shows: [/^listening at /m],
      },
      'swingset-kernel epochs --home ./store': { shows: [/\nsummer +complete[^\n]*$/] },
      'swingset-kernel vats --state failed --home ./store': { shows: [/^0 of \d+ vats$/] },
      'mv ./store ./store-of-summer': { before: stop },
      'swingset-kernel start --home ./store --epoch spring': { after: stop },
      'swingset-kernel drain --block-computrons 1 --home ./store': {
        shows: [/^nothing is queued/],
      },
      'swingset-kernel drop --home ./store': {
        before: place => queueDeposits(at(place, 'store'), 7),
        code: 1,
        shows: [/^event 1 of 1 in the run-queue\n/, /not dropped: add --yes to drop it$/],
      },
      'swingset-kernel drop --yes --save poison.json --home ./store': {
        shows: [/dropped; saved to poison\.json$/],
        after: made('poison.json'),
      },
      'swingset-kernel replay v14 --home ./store': { shows: [/ deliveries are as recorded/] },
    },
  },

  'docs/platform-epochs.md': {
    swaps: { '<dir>': './store', '<copy>': './copy', '<backup>': './backup', '<vat>': 'bank' },
    steps: {
      'swingset-kernel rehearse --home <copy> --epoch upgrade-16 --html report.html': {
        before: place => cpSync(at(place, 'store'), at(place, 'copy'), { recursive: true }),
        after: made('report.html'),
      },
      'swingset-kernel run --home <dir>': {
        before: place => queueDeposits(at(place, 'store'), 8),
        shows: [/^ran [1-9]\d* cranks/m],
      },
      'swingset-kernel status --home <dir>': { shows: [/\b0 events queued\b/] },
      'swingset-kernel run --home <dir> --epoch upgrade-16': {
        shows: [/^platform epoch spring -> upgrade-16: (\d+) vats of \1 restarted$/m],
      },
      'swingset-kernel epochs --home <dir>': { shows: [/\nupgrade-16 +complete[^\n]*$/] },
      'swingset-kernel vats --home <dir> --state out-of-service': { shows: [/^0 of \d+ vats$/] },
      'swingset-kernel rehearse --home <dir> --epoch upgrade-16 --mode lazy --blocks 100 --html report.html':
        {
          // Before upgrade day.
          before: place => {
            rmSync(at(place, 'store'), { recursive: true });
            cpSync(at(place, 'backup'), at(place, 'store'), { recursive: true });
          },
        },
    },
  },

  'docs/platform-images.md': {
    swaps: { '<dir>': './store', 'b1-…': bundleIDs },
    steps: {
      'swingset-kernel run --home <dir> --epoch summer --image-bundles b1-… --image-bundles b1-…': {
        shows: [/ restarted$/m],
      },
    },
  },

  'docs/solo-host.md': {
    swaps: { '8117': async ({ port }) => [port], kp40: async ({ kpid }) => [kpid] },
    steps: {
      'npx swingset-kernel start swingset.json --home ./store --epoch spring --port 8117': {
        ...remove('store'),
        shows: [/^made a new swingset in \.\/store$/m, /^listening at http:/m],
      },
      [`npx swingset-kernel send bank deposit 100 '{"from":"alice"}' --home ./store --wait 10`]: {
        shows: [/^kp\d+ fulfilled: 100$/],
        after: noteKpid,
      },
      'npx swingset-kernel result kp40 --home ./store': { shows: [/^kp\d+ fulfilled: 100$/] },
      'npx swingset-kernel suspend bank --home ./store': {
        after: async ({ terminal }) => {
          for (const amount of [1, 2]) {
            await terminal.run(`swingset-kernel send bank deposit ${amount} --home ./store`);
          }
        },
      },
      'npx swingset-kernel drop bank --position 2 --yes --home ./store': {
        shows: [/^event 2 of 2 in what waits for v\d+\n/, /dropped; saved to /],
      },
      'npx swingset-kernel upgrade bank --source ./vat-bank.js --home ./store': {
        shows: [/^v\d+ bank: running, incarnation 1, 0 events waiting$/m],
      },
      'curl -H "authorization: Bearer $TOKEN" http://127.0.0.1:8117/v1/status': {
        shows: [/"platformEpoch":"spring"/],
      },
      [`curl -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"vat":"bank","method":"deposit","args":[100]}' http://127.0.0.1:8117/v1/messages`]:
        { shows: [/"kpid":"kp\d+"/], after: noteKpid },
      [`curl -H "authorization: Bearer $TOKEN" 'http://127.0.0.1:8117/v1/results/kp40?wait=10'`]: {
        // 100 at first, the message that was not dropped, and these.
        shows: [/"status":"fulfilled"/, /"value":201\b/],
      },
      [`curl -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d @bundle.json http://127.0.0.1:8117/v1/bundles`]:
        { shows: [/"bundleID":"b1-[0-9a-f]{128}"/] },
    },
  },

  'docs/swingstore.md': {
    swaps: { '[--from ./backup]': '--from ./backup' },
    steps: {
      'swingset-kernel replay bank --home ./store': { shows: [/ deliveries are as recorded/] },
    },
  },
};

/** The lines of a block: continued ones joined, without comments. */
const linesOf = ({ text }: FencedBlock): readonly string[] =>
  text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map(line => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(line => line !== '');

export interface Line {
  readonly block: FencedBlock;
  readonly text: string;
  /** Its name in the tables. */
  readonly name: string;
}

/** The lines of a page's `sh` blocks, in order. */
export const storyLines = (blocks: readonly FencedBlock[], page: string): readonly Line[] => {
  const counts = new Map<string, number>();
  return blocks
    .filter(block => block.page === page && block.language === 'sh')
    .flatMap(block =>
      linesOf(block).map(text => {
        const count = (counts.get(text) ?? 0) + 1;
        counts.set(text, count);
        return { block, text, name: count === 1 ? text : `${text} (${count})` };
      }),
    );
};

/** The line with values in place of its placeholders. */
export const swapIn = async (
  line: string,
  { swaps = {} }: Story,
  place: Place,
): Promise<string> => {
  let text = line;
  for (const [placeholder, swap] of Object.entries(swaps)) {
    if (!text.includes(placeholder)) continue;
    const values = typeof swap === 'string' ? undefined : [...(await swap(place))];
    text = text.replaceAll(placeholder, () =>
      typeof swap === 'string' ? swap : (values?.shift() ?? placeholder),
    );
  }
  return text;
};
