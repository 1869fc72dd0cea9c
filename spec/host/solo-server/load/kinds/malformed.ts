/** Requests with the token that make no sense. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { Kind, Tools } from './kind.js';

const TOO_LARGE = JSON.stringify({ vat: 'tally', method: 'echo', args: ['x'.repeat(1_100_000)] });

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

const message = (fields: object): string =>
  JSON.stringify({ vat: 'tally', method: 'add', args: [1], ...fields });

/** Bodies of messages that ajv, the copy of JSON data or the kernel refuses. */
const wrong = [
  ...['', '{', '{"vat":"tally"', '[1,2', 'null', '[]', '3', '"tally"', '\u0000', '{"a":1}{"b":2}'],
  ...[{ vat: 7 }, { vat: null }, { vat: [] }, { vat: '' }, { method: {} }, { method: ['add'] }].map(
    message,
  ),
  ...[{ args: 'x' }, { args: { length: 1 } }, { args: null }, { more: 1 }].map(message),
  ...[{ vat: 'nobody' }, { vat: 'v999' }, { vat: '__proto__' }, { vat: 'x'.repeat(1_001) }].map(
    message,
  ),
  '{"vat":"tally","method":"add","args":[1],"__proto__":{"a":1}}',
  '{"vat":"tally","method":"add","args":[{"constructor":{"prototype":{"a":1}}}]}',
  '{"vat":"tally","method":"add","args":[1e999]}',
  `{"vat":"tally","method":"add","args":${nested(60)}}`,
  `{"vat":"tally","method":"add","args":${nested(100_000)}}`,
  `{"vat":${nested(100_000)},"method":"add","args":[]}`,
  `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
];

const bad = (
  name: string,
  share: number,
  promised: readonly string[],
  ask: (tools: Tools) => Promise<{ readonly outcome: string }>,
  allowed: readonly string[] = [],
): Kind => ({ name, share, promised, allowed, perform: async tools => (await ask(tools)).outcome });

const wrongActions = [
  ['suspend', {}],
  ['resume', { vat: 'nobody' }],
  ['upgrade', { vat: 'tally', bundleID: 'b1-0' }],
  ['drop', { vat: 'tally', index: -1, event: {} }],
  ['terminate', { vat: 'tally', reason: 7, more: 1 }],
] as const;

const asText: OutgoingHttpHeaders = { 'content-type': 'text/plain' };

const badPaths = ['/v1/results/%zz', '/v1/results/kp%', '/%E0%A4%A', '/v1/vats/%C0%AE'];

const nowhere = ['/v1/nowhere', '/v1', '//v1/status', '/v1/%2e%2e/%2e%2e/etc/passwd', '/V1/status'];

export const malformed: readonly Kind[] = [
  bad('malformed or wrong message', 40, ['400'], ({ known, random }) =>
    known.post('/v1/messages', random.pick(wrong)!),
  ),
  bad('wrong action', 10, ['400'], ({ known, random }) => {
    const [action, body] = random.pick(wrongActions)!;
    return known.post(`/v1/actions/${action}`, JSON.stringify(body));
  }),
  bad('broken bundle', 4, ['400'], ({ known }) =>
    known.post('/v1/bundles', '{"moduleFormat":"endoZipBase64","endoZipBase64":"AAAA"}'),
  ),
  bad('wrong media type', 5, ['415'], ({ known }) => known.post('/v1/messages', 'hello', asText)),
  // The server may end the connection while the body is on its way.
  bad('huge body', 4, ['413'], ({ known }) => known.post('/v1/messages', TOO_LARGE), ['closed']),
  bad('unknown route', 10, ['404'], ({ known, random }) => known.ask(random.pick(nowhere)!)),
  bad('unreadable path', 10, ['400'], ({ known, random }) => known.ask(random.pick(badPaths)!)),
  bad('encoded path', 5, ['200'], ({ known }) => known.ask('/v1/%73tatu%73')),
  bad('long path', 5, ['414'], ({ known }) => known.ask(`/v1/results/kp${'0'.repeat(3_000)}`)),
  bad('unknown result', 10, ['404'], ({ known, random }) =>
    known.ask(`/v1/results/kp${9_000_000 + random.below(1_000_000)}?wait=9`),
  ),
  bad('wrong query', 5, ['400'], ({ known }) => known.ask('/v1/results/kp40?wait=100&more=1')),
  bad('wrong method', 5, ['404'], ({ known, random }) =>
    known.ask('/v1/status', { method: random.pick(['DELETE', 'PUT', 'OPTIONS', 'TRACE'])! }),
  ),
  bad('other host', 10, ['200'], ({ known }) =>
    known.ask('/v1/status', { headers: { host: 'example.com' } }),
  ),
];
