import { createNoopMeter, SpanStatusCode, type Meter, type Tracer } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import { makeSwingsetController } from '../../lib/controller/make-controller.js';
import { makeTelemetry } from '../../lib/telemetry/make-telemetry.js';
import { joinSlogSenders } from '../../lib/telemetry/slog-tee.js';
import { initSwingStore } from '../../lib/store/swing-store.js';
import type { SwingStore } from '../../lib/store/swing-store.js';
import type { SlogEntry } from '../../lib/types/slog.js';
import type { TranscriptEntry } from '../../lib/workers/transcript.js';
import { ask, makeConfig, makeSwingset, silent } from '../controller/support.js';
import { makeMetricSDK, makeTraceSDK } from './support/sdk.js';

type Counts = Record<string, number>;

const count = (names: readonly string[]): Counts => {
  const counts: Counts = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

/** What the vats' transcripts say was delivered, and what the vats asked for. */
const readTranscripts = ({ kernelStorage }: SwingStore, vats: Readonly<Record<string, string>>) => {
  const entries = Object.entries(vats).flatMap(([name, vatID]) =>
    [...kernelStorage.transcriptStore.readSpan(vatID)].map(
      item => [name, JSON.parse(item) as TranscriptEntry] as const,
    ),
  );
  const deliveries = entries.filter(([, { d }]) => d[0] !== 'initialize-worker');
  return {
    deliveries: count(deliveries.map(([name, { d }]) => `${name} ${d[0]}`)),
    syscalls: count(
      deliveries.flatMap(([, entry]) =>
        (entry as unknown as { sc: { s: [string] }[] }).sc.map(({ s }) => s[0]),
      ),
    ),
  };
};

const staticVats = ['bootstrap', 'counter', 'vatAdmin'];

describe('telemetry', () => {
  it('counts and measures deliveries, syscalls and cranks of each vat', async () => {
    const store = initSwingStore();
    const { meter, collect, counts } = makeMetricSDK();
    const { kernelStorage } = store;
    const telemetry = makeTelemetry({ meter, kernelStorage });
    const seen: SlogEntry[] = [];
    const slogSender = joinSlogSenders(telemetry.slogSender!, entry => void seen.push(entry));
    const { controller } = await makeSwingset(makeConfig('local'), [], {
      kernelStorage,
      slogSender,
    });
    telemetry.observe(controller);
    await controller.run();
    for (const by of [1, 2, 3]) await ask(controller, 'counter', 'increment', by);
    await ask(controller, 'bootstrap', 'create', 'carol', 'counter');
    await ask(controller, 'bootstrap', 'call', 'carol', 'increment');

    const vats = Object.fromEntries(staticVats.map(name => [name, controller.vatNameToID(name)]));
    // A dynamic vat goes by its vatID.
    const carol = controller
      .getStatus()
      .activeVats.map(({ id }) => id)
      .find(id => !Object.values(vats).includes(id))!;
    const { deliveries, syscalls } = readTranscripts(store, { ...vats, [carol]: carol });
    expect(deliveries).to.include({ 'counter message': 3, 'counter startVat': 1 });
    expect(deliveries[`${carol} message`]).to.equal(1);
    expect(await counts('swingset_delivery_seconds')).to.deep.equal(deliveries);
    expect(await counts('swingset_syscalls_total')).to.deep.equal(syscalls);
    expect(await counts('swingset_vats_created_total')).to.deep.equal({ '': 4 });
    const cranks = seen.filter(({ type }) => type === 'crank-finish');
    expect(await counts('swingset_crank_seconds')).to.deep.equal(
      count(cranks.map(({ crankType }) => String(crankType))),
    );
    const times = seen.filter(
      ({ type, vatID }) => type === 'deliver-result' && vatID === vats['counter'],
    );
    const sum = ((await collect()).get('swingset_delivery_seconds') ?? [])
      .filter(({ labels }) => labels['vat'] === 'counter')
      .reduce((total, sample) => total + (sample.sum ?? 0), 0);
    expect(sum).to.be.closeTo(
      times.reduce((total, { seconds }) => total + Number(seconds), 0),
      1e-9,
    );
    // Local vats are not metered.
    expect((await collect()).has('swingset_delivery_computrons')).to.equal(false);

    expect(await counts('swingset_vats')).to.deep.equal({
      running: 4,
      paused: 0,
      sleeping: 0,
      suspended: 0,
    });
    controller.pauseVat(carol);
    await controller.suspendVat(vats['counter']!);
    controller.queueToVatRoot('counter', 'increment', []);
    controller.queueToVatRoot('counter', 'increment', []);
    expect(await counts('swingset_run_queue_length')).to.deep.equal({ '': 2 });
    await controller.run();
    expect(await counts('swingset_run_queue_length')).to.deep.equal({ '': 0 });
    expect(await counts('swingset_vats')).to.include({ running: 2, paused: 1, suspended: 1 });
    expect(await counts('swingset_vat_events_waiting')).to.deep.equal({
      'counter suspended': 2,
      [`${carol} paused`]: 0,
    });
    const stats = controller.getStats();
    expect(await counts('swingset_kernel_objects')).to.deep.equal({ '': stats['kernelObjects'] });
    expect(await counts('swingset_clist_entries')).to.deep.equal({ '': stats['clistEntries'] });
    await controller.shutdown();
  });

  it('measures computrons, starts, replays and snapshots of xsnap vats', async () => {
    const store = initSwingStore();
    const { kernelStorage, hostStorage } = store;
    const { meter, collect, counts } = makeMetricSDK();
    const { slogSender } = makeTelemetry({ meter, kernelStorage });
    const seen: SlogEntry[] = [];
    const both = { slogSender: joinSlogSenders(slogSender!, entry => void seen.push(entry)) };
    const config = makeConfig('local', { snapshotInitial: 3, snapshotInterval: 100 });
    config.vats!['counter']!.creationOptions = { managerType: 'xsnap' };
    const first = await makeSwingset(config, [], { kernelStorage, ...both });
    await first.controller.run();
    for (const by of [1, 2, 3]) await ask(first.controller, 'counter', 'increment', by);
    await hostStorage.commit();
    await first.controller.shutdown();
    const again = await makeSwingsetController(kernelStorage, {}, { console: silent, ...both });
    await ask(again, 'counter', 'increment');
    await hostStorage.commit();
    await again.shutdown();

    const of = (type: string) => seen.filter(entry => entry.type === type);
    const sumOf = async (name: string, vat: string) =>
      ((await collect()).get(name) ?? [])
        .filter(({ labels }) => labels['vat'] === vat)
        .reduce((sum, sample) => sum + (sample.sum ?? 0), 0);
    const isMessage = ({ dispatch, vatID }: SlogEntry) =>
      dispatch === 'message' && vatID === again.vatNameToID('counter');
    const usage = of('deliver-result').filter(isMessage);
    const computrons = usage.map(
      ({ dr }) => (dr as [string, null, { compute: number }])[2].compute,
    );
    expect(await counts('swingset_delivery_computrons')).to.include({ 'counter message': 4 });
    const measured = (await collect()).get('swingset_delivery_computrons') ?? [];
    expect(measured.find(({ labels }) => labels['delivery'] === 'message')?.sum).to.equal(
      computrons.reduce((sum, each) => sum + each, 0),
    );
    const saves = of('heap-snapshot-save');
    expect(saves.length).to.equal(1);
    expect(await counts('swingset_snapshot_bytes')).to.deep.equal({ counter: 1 });
    expect(await sumOf('swingset_snapshot_bytes', 'counter')).to.equal(saves[0]!.uncompressedSize);
    const [packed] = of('heap-snapshot-pack');
    expect(await sumOf('swingset_snapshot_compressed_bytes', 'counter')).to.equal(
      packed!.compressedSize,
    );
    expect(await counts('swingset_snapshot_save_seconds')).to.deep.equal({ counter: 1 });
    expect(await counts('swingset_snapshot_pack_seconds')).to.deep.equal({ counter: 1 });
    expect(await counts('swingset_vat_start_seconds')).to.deep.include({ counter: 2 });
    const replays = of('start-replay').filter(
      ({ vatID }) => vatID === again.vatNameToID('counter'),
    );
    expect(await counts('swingset_replayed_deliveries_total')).to.include({
      counter: replays.reduce((sum, { deliveries }) => sum + Number(deliveries), 0),
    });
    expect(await counts('swingset_vat_replay_seconds')).to.include({ counter: replays.length });
  });

  it('has spans of blocks, cranks, deliveries and syscalls, and of a restart', async () => {
    const store = initSwingStore();
    const { kernelStorage, hostStorage } = store;
    const { tracer, named, parentOf } = makeTraceSDK();
    const { meter, counts } = makeMetricSDK();
    const { slogSender } = makeTelemetry({ tracer, meter, kernelStorage });
    const { controller } = await makeSwingset(makeConfig('local'), [], {
      kernelStorage,
      slogSender: slogSender!,
      platformEpoch: 'spring',
    });
    await controller.slogDuration(['block-start', 'block-finish'], { blockHeight: 7 }, async () => {
      await ask(controller, 'counter', 'increment', 1);
    });
    await hostStorage.commit();
    await controller.shutdown();

    const [block, ...more] = named('block');
    expect(more).to.deep.equal([]);
    expect(block?.attributes).to.deep.equal({ 'swingset.blockHeight': 7 });
    expect(await counts('swingset_block_seconds')).to.deep.equal({ '': 1 });
    const inBlock = (span: ReadableSpan | undefined): boolean =>
      span !== undefined && (span === block || inBlock(parentOf(span)));
    const message = named('delivery').find(
      ({ attributes }) =>
        attributes['swingset.vatID'] === controller.vatNameToID('counter') &&
        attributes['swingset.dispatch'] === 'message',
    )!;
    expect(inBlock(message)).to.equal(true);
    for (const delivery of named('delivery')) {
      const crank = parentOf(delivery);
      expect(crank?.name).to.equal('swingset.crank');
      expect(crank?.attributes['swingset.crankNum']).to.equal(
        delivery.attributes['swingset.crankNum'],
      );
    }
    const syscalls = named('syscall');
    expect(syscalls.length).to.be.greaterThan(3);
    for (const syscall of syscalls) {
      const delivery = parentOf(syscall);
      expect(delivery?.name).to.equal('swingset.delivery');
      expect(delivery?.attributes['swingset.vatID']).to.equal(syscall.attributes['swingset.vatID']);
    }
    const ofMessage = syscalls.filter(syscall => parentOf(syscall) === message);
    expect(ofMessage.map(({ attributes }) => attributes['swingset.syscall'])).to.include('resolve');
    const cranks = named('crank').length;

    const next = await makeSwingsetController(
      kernelStorage,
      {},
      { console: silent, slogSender: slogSender!, platformEpoch: 'summer' },
    );
    await hostStorage.commit();
    await next.shutdown();
    const [restart] = named('epoch_restart');
    expect(restart?.attributes).to.deep.equal({
      'swingset.epoch': 'summer',
      'swingset.from': 'spring',
      'swingset.mode': 'eager',
      'swingset.vats': 3,
    });
    const turns = named('restart_vat');
    expect(turns.map(({ attributes }) => attributes['swingset.name'])).to.have.members(staticVats);
    for (const turn of turns) expect(parentOf(turn)).to.equal(restart);
    const started = named('crank')
      .slice(cranks)
      .filter(crank => parentOf(crank)?.name === 'swingset.restart_vat');
    expect(started).to.have.length(3);
    for (const turn of turns) {
      const { 'swingset.vatID': vatID } = turn.attributes;
      const starts = named('delivery').filter(
        delivery =>
          delivery.attributes['swingset.vatID'] === vatID && parentOf(parentOf(delivery)!) === turn,
      );
      expect(starts.map(({ attributes }) => attributes['swingset.dispatch'])).to.deep.equal([
        'startVat',
      ]);
    }
    expect(await counts('swingset_vat_restarts_total')).to.deep.equal({ 'epoch restarted': 3 });
    expect(await counts('swingset_vat_restart_seconds')).to.deep.equal({ restarted: 3 });
  });

  it('leaves no trace in the state, also when meter and tracer throw', async () => {
    const throwing = () => {
      throw Error('hostile');
    };
    const instrument = { add: throwing, record: throwing, addCallback: throwing };
    const hostileMeter = {
      createHistogram: () => instrument,
      createCounter: () => instrument,
    } as unknown as Meter;
    let isProbed = false;
    const real = makeTraceSDK().tracer;
    const hostileTracer = {
      startSpan: (...args: Parameters<Tracer['startSpan']>) => {
        if (isProbed) throw Error('hostile');
        isProbed = true;
        return real.startSpan(...args);
      },
    } as Tracer;
    const lives = [
      undefined,
      makeTelemetry({ meter: makeMetricSDK().meter, tracer: makeTraceSDK().tracer }),
      makeTelemetry({ meter: hostileMeter, tracer: hostileTracer }),
    ];
    const hashes: string[] = [];
    const warnings: string[] = [];
    for (const telemetry of lives) {
      const { controller, kernelStorage } = await makeSwingset(makeConfig('local'), [], {
        console: { ...silent, warn: (...args: unknown[]) => void warnings.push(args.join(' ')) },
        ...(telemetry && { slogSender: telemetry.slogSender! }),
      });
      await controller.run();
      const answer = await ask(controller, 'counter', 'increment', 5);
      expect(answer.value).to.deep.equal({ heap: 5, total: 5 });
      await controller.shutdown();
      const next = await makeSwingsetController(
        kernelStorage,
        {},
        {
          console: { ...silent, warn: (...args: unknown[]) => void warnings.push(args.join(' ')) },
          ...(telemetry && { slogSender: telemetry.slogSender! }),
          platformEpoch: 'summer',
        },
      );
      hashes.push(next.getActivityhash());
      await next.shutdown();
    }
    expect(hashes[0]).to.match(/^[0-9a-f]{64}$/);
    expect(new Set(hashes).size).to.equal(1);
    // Once for each of the two kernels with the hostile one.
    expect(warnings.filter(line => line.includes('hostile'))).to.deep.equal([
      'slogSender failed. The kernel continues, and does not repeat this warning: Error: hostile',
      'slogSender failed. The kernel continues, and does not repeat this warning: Error: hostile',
    ]);
  });

  it('costs nothing without an SDK', () => {
    const { slogSender, observe } = makeTelemetry();
    expect(slogSender).to.equal(undefined);
    const refuse = () => expect.fail('was read');
    observe({ getStats: refuse, getStatus: refuse })();
    const { meter } = makeMetricSDK();
    expect(makeTelemetry({ meter }).slogSender).to.be.a('function');
    expect(makeTelemetry({ meter: createNoopMeter() }).slogSender).to.equal(undefined);
    const { tracer } = makeTraceSDK();
    expect(makeTelemetry({ tracer }).slogSender).to.be.a('function');
  });

  it('gives a bounded number of labels, whatever comes', async () => {
    const { meter, counts } = makeMetricSDK();
    const { slogSender, observe } = makeTelemetry({ meter, maxVats: 2 });
    const send = slogSender!;
    for (let number = 1; number <= 9; number += 1) {
      const vatID = `v${number}`;
      send({ type: 'deliver-result', vatID, dispatch: 'message', seconds: 1, dr: ['ok'] });
      send({ type: 'syscall', vatID, syscall: `made-up-${number}` });
      send({ type: 'deliver-result', vatID, dispatch: `made-up-${number}`, dr: ['error', 'why'] });
    }
    expect(await counts('swingset_delivery_seconds')).to.deep.equal({
      'v1 message': 1,
      'v2 message': 1,
      'other message': 7,
    });
    expect(await counts('swingset_syscalls_total')).to.deep.equal({ other: 9 });
    expect(await counts('swingset_delivery_failures_total')).to.deep.equal({
      'v1 other': 1,
      'v2 other': 1,
      'other other': 7,
    });
    const suspended = { suspended: true, paused: true, error: 'why', waiting: 2, sinceCrank: 1 };
    type Status = ReturnType<Parameters<typeof observe>[0]['getStatus']>;
    let suspendedVats = [1, 2, 3, 4];
    const getStatus = () =>
      ({
        activeVats: suspendedVats.map(number => ({ id: `v${number}`, suspended })),
      }) as unknown as Status;
    const end = observe({ getStats: () => ({}), getStatus });
    const all = { 'v1 suspended': 2, 'v2 suspended': 2, 'other suspended': 4 };
    expect(await counts('swingset_vat_events_waiting')).to.deep.equal(all);
    // Vats that are back in service.
    suspendedVats = [2];
    const last = { 'v1 suspended': 0, 'v2 suspended': 2, 'other suspended': 0 };
    expect(await counts('swingset_vat_events_waiting')).to.deep.equal(last);
    end();
    suspendedVats = [];
    expect(await counts('swingset_vat_events_waiting')).to.deep.equal(last);
    expect(() => makeTelemetry({ maxVats: -1 }))
      .to.throw()
      .with.property('code', 'BAD_OPTION');
  });

  it('ends spans whose end never came, and takes entries that make no sense', () => {
    const { tracer, spans } = makeTraceSDK();
    const { meter } = makeMetricSDK();
    const send = makeTelemetry({ tracer, meter }).slogSender!;
    send({ type: 'crank-finish' });
    send({ type: 'deliver-result', dr: 'nonsense', seconds: 'long' });
    send({ type: 'epoch-restart-vat' });
    send({ type: 'crank-start', crankNum: 1 });
    send({ type: 'deliver', vatID: 'v1' });
    send({ type: 'crank-start', crankNum: 2 });
    send({ type: 'crank-finish' });
    expect(spans().map(({ name, status }) => [name, status.code])).to.deep.equal([
      ['swingset.delivery', SpanStatusCode.ERROR],
      ['swingset.crank', SpanStatusCode.ERROR],
      ['swingset.crank', SpanStatusCode.UNSET],
    ]);
  });
});

describe('joined slog senders', () => {
  it('all get an entry, and throw or reject with the first error', async () => {
    const heard: string[] = [];
    const fail = (error: Error) => () => {
      throw error;
    };
    const reject = (): void => Promise.reject(Error('late')) as unknown as undefined;
    const note = ({ type }: SlogEntry) => void heard.push(type);
    const first = Error('first');
    expect(() =>
      joinSlogSenders(reject, fail(first), fail(Error('second')), note)({ type: 'a' }),
    ).to.throw(first.message);
    const late = joinSlogSenders(reject, note)({ type: 'b' }) as unknown as Promise<unknown>;
    expect(await late.catch((error: Error) => error.message)).to.equal('late');
    expect(heard).to.deep.equal(['a', 'b']);
  });
});
