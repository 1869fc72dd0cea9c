/** Help pages of `init`, of the solo server, and of the commands that ask it. See `page.ts`. */
import type { HelpPage } from './page.js';

export const initPage: HelpPage = {
  summary: 'make a swingset in <dir>, and run nothing yet',
  more: [
    '`run` and `start` make one as well, if there is none. Fails if <dir> holds a store already.',
  ],
  afterDashes: '<argv of the bootstrap vat>',
  examples: [
    {
      why: 'make a swingset whose platform has a name',
      line: 'swingset-kernel init swingset.json --home ./store --epoch spring',
    },
    {
      why: 'the same from a directory of vats, with vatParameters.argv',
      line: 'swingset-kernel init ./vats --home ./store --epoch spring -- alice bob',
    },
  ],
};

export const startPage: HelpPage = {
  summary: 'serve the swingset in <dir> over HTTP on loopback, until SIGTERM, SIGHUP or Ctrl-C',
  more: [
    'The first start makes the swingset from [config]. Later ones continue from the store. A new ' +
      '--epoch restarts every vat before the server listens.',
    'Requests show the token in <dir>/solo-token; docs/solo-host.md lists the routes.',
  ],
  afterDashes: '<argv of the bootstrap vat>',
  examples: [
    {
      why: 'make a new swingset and serve it',
      line: 'swingset-kernel start swingset.json --home ./store --epoch spring --port 8117',
    },
    {
      why: 'restart its vats on a new platform, then make a block every five seconds',
      line: 'swingset-kernel start --home ./store --epoch summer --block-interval 5',
    },
  ],
};

export const sendPage: HelpPage = {
  summary: 'send a message to a vat of the running server',
  more: [
    'Arguments are JSON; what is no JSON is a text. Those that begin with - come after --. It ' +
      'prints the promise for the result, or with --wait the result.',
  ],
  afterDashes: '<args>',
  examples: [
    {
      why: 'send two arguments and wait for the result',
      line: `swingset-kernel send bank deposit 100 '{"from":"alice"}' --home ./store --wait 10`,
    },
    {
      why: 'send a negative number',
      line: 'swingset-kernel send bank deposit --home ./store -- -5',
    },
  ],
};

export const resultPage: HelpPage = {
  summary: 'show what became of a message',
  examples: [
    {
      why: 'wait up to ten seconds for it',
      line: 'swingset-kernel result kp40 --home ./store --wait 10',
    },
  ],
};
