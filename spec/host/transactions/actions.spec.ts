import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { insistBody } from '../../../lib/host/transactions/body.js';
import {
  actionsForBundle,
  DEFAULT_CHUNK_BYTES,
} from '../../../lib/host/transactions/bundle-chunks.js';
import { decodeTransaction, signTransaction } from '../../../lib/host/transactions/transaction.js';
import { chainID, everyAction, failureOf, keyOf } from './support.js';

const bodyOf = (...actions: readonly unknown[]) => ({ sequence: 0, actions });

const messageOf = (...actions: readonly unknown[]): string =>
  failureOf(() => insistBody(bodyOf(...actions))).message;

const action = (type: string): Readonly<Record<string, unknown>> => {
  const found = everyAction.find(each => each.type === type);
  if (!found) throw Error(type);
  return { ...found };
};

describe('the actions of transactions', () => {
  it('are accepted with all of their fields, and without those that have a default', () => {
    expect(insistBody(bodyOf(...everyAction))).to.deep.equal(bodyOf(...everyAction));
    const { permits: _, ...propose } = action('propose');
    const plan = { name: 'x', height: 1, info: '' };
    expect(() => insistBody(bodyOf(propose, { type: 'scheduleUpgrade', plan }))).not.to.throw();
  });

  it('need each of their other fields, and take no more', () => {
    for (const whole of everyAction) {
      for (const name of Object.keys(whole).filter(each => each !== 'permits')) {
        const { [name]: _, ...partial } = action(whole.type);
        expect(messageOf(partial)).to.equal(`body.actions[0].${name}: is missing`);
      }
      expect(messageOf(action('message'), { ...whole, extra: 1 })).to.match(
        /^body\.actions\[1\]\.extra: unknown field; known are /,
      );
    }
  });

  it('name the field and the value that is wrong', () => {
    const refused: readonly (readonly [type: string, fields: object, message: string])[] = [
      ['message', { type: 'mesage' }, 'type: expected one of "message", "mailbox", '],
      ['message', { to: '' }, 'to: expected the name of a published facet, 1 to 256 characters'],
      ['message', { method: 5 }, 'method: expected the name of a method, 1 to 256 characters'],
      ['message', { args: {} }, 'args: expected a list of at most 100 arguments, got {}'],
      ['mailbox', { ack: -1 }, 'ack: expected an integer from 0 to 2^53-1, got -1'],
      ['mailbox', { messages: [[1]] }, 'messages[0]: expected a number and a text: [num, body]'],
      ['mailbox', { messages: [[0, 'x']] }, 'messages[0][0]: expected a positive integer'],
      ['bridge', { port: 1 }, 'port: expected the name of a port, 1 to 256 characters, got 1'],
      ['installBundle', { bundleID: 'b1-0' }, 'bundleID: expected a bundleID'],
      ['installBundle', { chunk: 3 }, 'chunk: expected less than 3, got 3'],
      ['installBundle', { size: 2 }, 'chunks: expected at most one for each of 2 bytes, got 3'],
      ['installBundle', { bytes: 'AQI' }, 'bytes: expected bytes in base64'],
      ['installBundle', { bytes: 'AQJ=' }, 'bytes: expected bytes in base64, padded with =, got'],
      ['installBundle', { bytes: 'AQ I=' }, 'bytes: expected bytes in base64, padded with =, got'],
      ['propose', { code: '' }, 'code: expected a function expression, got ""'],
      ['propose', { permits: false }, 'permits: expected a record of names, or true, got false'],
      ['cancelUpgrade', { name: '' }, 'name: expected the name of an upgrade'],
      ['validator', { publicKey: 'AB' }, 'publicKey: expected 64 hexadecimal digits, got "AB"'],
      ['validator', { power: 1.5 }, 'power: expected an integer from 0 to 2^53-1, got 1.5'],
    ];
    for (const [type, fields, message] of refused) {
      const text = messageOf({ ...action(type), ...fields });
      expect(text).to.contain(message);
    }
  });

  it('name the field of a plan that is wrong', () => {
    const plan = { name: 'x', height: 1, info: '' };
    const refused: readonly (readonly [fields: object, message: string])[] = [
      [{ height: 0 }, 'plan.height: expected a positive integer up to 2^53-1, got 0'],
      [{ heigth: 5 }, 'plan.heigth: unknown field; did you mean height?'],
      [{ restart: { mode: 'quick' } }, 'plan.restart.mode: expected one of "eager", "lazy", '],
      [{ name: 'zwölf' }, 'plan.name: expected the name of an upgrade, 1 to 256 printable ASCII'],
      [{ name: 'two ' }, 'plan.name: expected the name of an upgrade'],
      [{ name: 'x'.repeat(257) }, 'plan.name: expected the name of an upgrade'],
      [{ params: { blockComputrons: 0 } }, 'plan.params.blockComputrons: expected a positive'],
      [{ params: { maxTxBytes: 2_000_000 } }, 'plan.params.maxTxBytes: expected an integer from 1'],
      [{ params: { restarts: { vats: -1 } } }, 'plan.params.restarts.vats: expected an integer'],
      [{ params: { blockComputron: 1 } }, 'plan.params.blockComputron: unknown field'],
      [{ params: [] }, 'plan.params: expected '],
      [{ restart: { allow: true } }, 'plan.restart.allow: unknown field; known are mode, '],
      [{ restart: { concurrency: 2 } }, 'plan.restart.concurrency: unknown field; '],
      [{ restart: { vatParameters: [{ name: 'x' }] } }, 'plan.restart.vatParameters'],
    ];
    for (const [fields, message] of refused) {
      expect(messageOf({ type: 'scheduleUpgrade', plan: { ...plan, ...fields } })).to.contain(
        message,
      );
    }
  });

  it('are one or more in a transaction', () => {
    expect(messageOf()).to.equal('body.actions: expected a list of 1 to 100 actions, got []');
    expect(failureOf(() => insistBody({ actions: everyAction })).message).to.equal(
      'body.sequence: is missing',
    );
    expect(failureOf(() => insistBody({ ...bodyOf(...everyAction), priority: false }))).to.include({
      field: 'body.priority',
    });
  });
});

describe('actionsForBundle', () => {
  const hash = createHash('sha512').update('x').digest('hex');
  const bundle = {
    moduleFormat: 'endoZipBase64',
    endoZipBase64: 'é'.repeat(1000),
    endoZipBase64Sha512: hash,
  } as const;
  const whole = Buffer.from(JSON.stringify(bundle));

  it('cuts the JSON of a bundle into chunks that make it again', () => {
    for (const chunkBytes of [1, 7, 1000, whole.length - 1, whole.length, whole.length + 1]) {
      const actions = actionsForBundle(bundle, chunkBytes);
      expect(actions).to.have.lengthOf(Math.ceil(whole.length / chunkBytes));
      const joined = Buffer.concat(actions.map(({ bytes }) => Buffer.from(bytes, 'base64')));
      expect(joined.equals(whole)).to.equal(true);
      actions.forEach((each, chunk) => {
        expect(each).to.include({ bundleID: `b1-${hash}`, chunk, chunks: actions.length });
        expect(each.size).to.equal(whole.length);
      });
    }
  });

  it('makes chunks that fit through the RPC of an engine by default', () => {
    const large = { ...bundle, endoZipBase64: 'x'.repeat(2 * DEFAULT_CHUNK_BYTES) };
    const [first] = actionsForBundle(large);
    if (!first) throw Error('no chunk');
    const bytes = signTransaction({ sequence: 0, actions: [first] }, { chainID, key: keyOf(1) });
    expect(Buffer.from(bytes).toString('base64').length).to.be.lessThan(1_000_000 - 10_000);
    expect(decodeTransaction(bytes, chainID).actions).to.deep.equal([first]);
  });

  it('refuses chunks of no size', () => {
    for (const chunkBytes of [0, -1, 1.5, NaN]) {
      expect(() => actionsForBundle(bundle, chunkBytes)).to.throw(
        `chunkBytes: expected a positive integer, got ${JSON.stringify(chunkBytes)}`,
      );
    }
  });
});
