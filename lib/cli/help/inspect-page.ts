/** Help page of `inspect`. See `page.ts`. */
import type { HelpPage } from './page.js';

export const inspectPage: HelpPage = {
  summary: 'show the store on a page in a browser, live, until Ctrl-C',
  more: [
    'Serves it on loopback, and prints its URL. The URL has a token: whoever has it can read the ' +
      'store. The page shows vats, epochs, queues, promises, objects, c-lists and transcripts.',
    'Only reads, also while a kernel runs. With --slog, plots show the time of each vat as well.',
    'With --allow-actions, the page can suspend, resume, restart, upgrade and end vats, and whoever ' +
      "has the token can, too. The solo server that runs on the home does it; a chain's home is refused.",
  ],
  examples: [
    { why: 'look at a store', line: 'swingset-kernel inspect --home ./store' },
    {
      why: 'with the times of vats, on a port of your choice',
      line: 'swingset-kernel inspect --home ./store --slog ./slog.jsonl --port 8118',
    },
    {
      why: 'mend vats from the page, too',
      line: 'swingset-kernel inspect --home ./store --allow-actions',
    },
  ],
};
