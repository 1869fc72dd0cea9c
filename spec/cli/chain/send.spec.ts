import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { expect } from 'chai';
import { makeEndpoints } from '../../../lib/cli/chain/client/endpoints.js';
import { makeRpcClient } from '../../../lib/cli/chain/client/rpc-client.js';
import { sendTransactions } from '../../../lib/cli/chain/client/send.js';
import { transactionHash } from '../../../lib/host/transactions/transaction.js';

interface Request {
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
}

type Answer = (request: Request) => unknown;

/** JSON-RPC's form of a refusal. */
const refusal = (data: string) => ({ error: { code: -32603, message: 'Internal error', data } });
const notFound = (hash: string) => refusal(`tx (${hash}) not found`);
const ok = { result: { code: 0, log: '', data: '' } };

const servers: Server[] = [];

/** An engine's RPC, as far as these specs ask it. */
const serve = async (answer: Answer): Promise<string> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const given = JSON.parse(Buffer.concat(chunks).toString()) as Request;
      const found = answer(given);
      if (found === 'hang up') response.destroy();
      else response.end(typeof found === 'string' ? found : JSON.stringify(found));
    });
  });
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const SEQUENCE = 4;

/** What a node says of itself. */
const statusAt = (height: number, catchingUp = false): unknown => ({
  result: {
    node_info: { network: 'n', moniker: 'm', id: 'i', version: '0' },
    sync_info: {
      latest_block_height: `${height}`,
      latest_block_time: '',
      catching_up: catchingUp,
    },
    validator_info: { address: '', voting_power: '1' },
  },
});

const send = async (txs: readonly string[], urls: readonly string[], resent: string[] = []) => {
  let now = 0;
  return sendTransactions(
    txs.map(tx => Buffer.from(tx)),
    {
      endpoints: makeEndpoints(urls.map(url => makeRpcClient(url))),
      powers: { now: () => now, delay: async ms => void (now += ms) },
      timeoutSeconds: 30,
      isAboutSequence: code => code === SEQUENCE,
      onResend: reason => void resent.push(reason),
    },
  );
};

/** A chain whose blocks take what the mempool has. */
const makeChain = ({ losesFirst = 0 } = {}) => {
  const blocks = new Map<string, bigint>();
  let lost = 0;
  const received: string[] = [];
  const answer: Answer = ({ method, params }) => {
    if (method === 'status') return statusAt(blocks.size + 9);
    if (method === 'broadcast_tx_sync') {
      const tx = Buffer.from(params.tx ?? '', 'base64');
      received.push(tx.toString());
      if (blocks.has(transactionHash(tx))) {
        return { result: { code: SEQUENCE, log: 'sequence: expected 8, got 7', data: '' } };
      }
      if (lost < losesFirst) lost += 1;
      else blocks.set(transactionHash(tx), BigInt(blocks.size + 10));
      return ok;
    }
    const hash = Buffer.from(params.hash ?? '', 'base64').toString('hex');
    const height = blocks.get(hash);
    if (height === undefined) return notFound(hash);
    const data = Buffer.from('{}').toString('base64');
    return { result: { height: `${height}`, tx_result: { code: 0, data, log: '' } } };
  };
  return { answer, received, blocks };
};

describe('sending transactions', () => {
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('waits until blocks have them all', async () => {
    const { answer, received } = makeChain();
    const done = await send(['a', 'b'], [await serve(answer)]);
    expect(done.map(({ hash, height, code }) => [hash, height, code])).to.deep.equal([
      [transactionHash(Buffer.from('a')), 10n, 0],
      [transactionHash(Buffer.from('b')), 11n, 0],
    ]);
    expect(received).to.deep.equal(['a', 'b']);
  });

  it('sends the same bytes again when a mempool has lost them', async () => {
    const { answer, received } = makeChain({ losesFirst: 1 });
    const resent: string[] = [];
    await send(['a'], [await serve(answer)], resent);
    expect(received).to.deep.equal(['a', 'a']);
    expect(resent).to.deep.equal(['no block has 1 of the transactions yet']);
  });

  it('asks another endpoint when one is gone', async () => {
    const { answer } = makeChain();
    let asked = 0;
    const dying = await serve(() => {
      asked += 1;
      return asked === 1 ? notFound('00') : 'hang up';
    });
    const done = await send(['a'], [dying, await serve(answer)]);
    expect(done).to.have.length(1);
  });

  it('asks another endpoint when one has a full mempool, or an application that is gone', async () => {
    const { answer } = makeChain();
    for (const reason of [
      'mempool is full: number of txs 5',
      'appConn mempool: read message: EOF',
    ]) {
      const troubled = await serve(({ method }) =>
        method === 'tx' ? notFound('00') : refusal(reason),
      );
      expect(await send([reason], [troubled, await serve(answer)]), reason).to.have.length(1);
    }
    const url = await serve(({ method }) =>
      method === 'tx' ? notFound('00') : refusal('Tx too large. Max size is 3, but got 4'),
    );
    const error = await send(['a'], [url]).catch((thrown: unknown) => thrown);
    expect(error).to.deep.include({ code: 'RPC_REFUSAL', endpoint: url });
  });

  it('doubts a refused sequence after a resend, because a block may have the transaction', async () => {
    const { answer, received } = makeChain();
    let hides = 30;
    // The first node executes the transaction and dies. The second one's index is late.
    const dying = await serve(request => {
      if (request.method !== 'broadcast_tx_sync')
        return received.length > 0 ? 'hang up' : notFound('00');
      return answer(request);
    });
    const lagging = await serve(request => {
      if (request.method !== 'tx' || hides === 0) return answer(request);
      hides -= 1;
      return notFound('00');
    });
    expect(await send(['a'], [dying, lagging])).to.have.length(1);
    expect(received.length).to.be.greaterThan(1);
    expect(hides).to.equal(0);
  });

  it('asks another endpoint when one is behind the chain, and refuses what the chain waits for', async () => {
    const { answer, received } = makeChain();
    const nodeOf = (status: unknown) =>
      serve(({ method }) => {
        if (method === 'tx') return notFound('00');
        if (method === 'status') return status;
        return { result: { code: SEQUENCE, log: 'sequence: expected 275, got 290', data: '' } };
      });
    const [apart, catchingUp] = [await nodeOf(statusAt(5)), await nodeOf(statusAt(5, true))];
    expect(await send(['a', 'b'], [apart, apart, await serve(answer)])).to.have.length(2);
    expect(received).to.deep.equal(['a', 'b']);
    const error = await send(['c'], [apart, apart]).catch((thrown: unknown) => thrown);
    expect(error).to.deep.include({ code: 'TRANSACTION_REFUSED', refusal: SEQUENCE });
    // However long it takes.
    const late = await send(['c'], [apart, catchingUp]).catch((thrown: unknown) => thrown);
    expect(late).to.deep.include({ code: 'TRANSACTION_REFUSED' });
    const lost = await send(['c'], [catchingUp, catchingUp]).catch((thrown: unknown) => thrown);
    expect(lost).to.deep.include({ code: 'TRANSACTION_LOST' });
  });

  it('knows a node that is behind what another one has answered', () => {
    const endpoints = makeEndpoints([]);
    endpoints.note(7n);
    endpoints.note(5n);
    const isBehind = (height: bigint, catchingUp = false) =>
      endpoints.isBehind({ height, catchingUp });
    expect([isBehind(6n), isBehind(7n), isBehind(7n, true)]).to.deep.equal([true, false, true]);
  });

  it('takes the refusal of a first attempt at its word', async () => {
    const { answer } = makeChain();
    const url = await serve(({ method, params }) =>
      method === 'tx'
        ? notFound('00')
        : method === 'status'
          ? statusAt(9)
          : (answer({ method, params }), { result: { code: SEQUENCE, log: 'sequence: …' } }),
    );
    const error = await send(['a'], [url]).catch((thrown: unknown) => thrown);
    expect(error).to.deep.include({ code: 'TRANSACTION_REFUSED', refusal: SEQUENCE });
  });

  it('throws what the chain refuses, with code and reason', async () => {
    const url = await serve(({ method }) =>
      method === 'tx' ? notFound('00') : { result: { code: 5, log: 'sender: no role', data: '' } },
    );
    const error = await send(['a'], [url]).catch((thrown: unknown) => thrown);
    expect(error).to.deep.include({ code: 'TRANSACTION_REFUSED', refusal: 5 });
    expect(String(error)).to.include('the chain refused the transaction (code 5): sender: no role');

    const inBlock = await serve(() => ({
      result: { height: '4', tx_result: { code: 4, log: 'sequence: expected 2, got 1' } },
    }));
    const later = await send(['a'], [inBlock]).catch((thrown: unknown) => thrown);
    expect(String(later)).to.include('in block 4 (code 4): sequence: expected 2');
  });

  it('gives up, and says that the transaction may still come', async () => {
    const url = await serve(({ method }) => (method === 'tx' ? notFound('00') : ok));
    const error = await send(['a'], [url]).catch((thrown: unknown) => thrown);
    expect(error).to.deep.include({ code: 'TRANSACTION_LOST' });
    expect(String(error)).to.include('A later block may still execute it');
    const silent = await serve(() => 'hang up');
    servers.pop()?.close();
    const gone = await send(['a'], [silent]).catch((thrown: unknown) => thrown);
    expect(String(gone)).to.include(`the last problem was: ${silent}: tx: connect ECONNREFUSED`);
  });
});

describe('the RPC client', () => {
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('reads numbers of 64 bits', async () => {
    const url = await serve(() => ({
      result: {
        node_info: { network: 'c', moniker: 'm', id: 'ab', version: '0.38.25' },
        sync_info: {
          latest_block_height: '9223372036854775807',
          latest_app_hash: 'AB',
          latest_block_time: '2026-01-02T03:04:05.123456789Z',
          catching_up: false,
        },
        validator_info: { address: 'AA', voting_power: '10' },
      },
    }));
    const status = await makeRpcClient(url).status();
    expect(status).to.deep.include({ height: 9223372036854775807n, appHash: 'ab' });
  });

  it('names endpoint, method and cause', async () => {
    const nonsense = makeRpcClient(await serve(() => '<html>'));
    const empty = makeRpcClient(await serve(() => ({ result: {} })));
    const bad = makeRpcClient(await serve(() => refusal('height must be positive')));
    for (const [client, code, text] of [
      [nonsense, 'ENDPOINT', /: status: HTTP 200: <html>$/],
      [empty, 'ENDPOINT', /: status: unexpected answer: node_info\.network is missing$/],
      [bad, 'RPC_REFUSAL', /: status: height must be positive$/],
    ] as const) {
      const error = await client.status().catch((thrown: unknown) => thrown);
      expect(error).to.deep.include({ code, endpoint: client.endpoint });
      expect(String(error)).to.match(text);
    }
  });
});
