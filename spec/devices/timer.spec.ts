import { expect } from 'chai';
import { Far } from '@endo/far';
import { buildRootDeviceNode } from '../../lib/devices/timer/device-timer.js';
import { TimerNotStartedError, buildTimer } from '../../lib/devices/timer/timer.js';

type DeviceState = NonNullable<
  ReturnType<Parameters<typeof buildRootDeviceNode>[0]['getDeviceState']>
>;

/** One machine's device: its state outlives the device object, as in a kernel. */
class Machine {
  readonly calls: string[] = [];
  readonly #names = new Map<object, string>();
  state: DeviceState | undefined;

  handler(name: string) {
    const handler = Far(name, {});
    this.#names.set(handler, name);
    return handler;
  }

  start() {
    const timer = buildTimer();
    const node = buildRootDeviceNode({
      SO: (handler: object) => {
        const name = this.#names.get(handler);
        if (!name) throw Error('SO(target): target must be an object of a vat');
        return { wake: (time: bigint) => void this.calls.push(`${name} ${time}`) };
      },
      getDeviceState: () => this.state,
      setDeviceState: state => {
        this.state = state;
      },
      endowments: timer.endowments,
    });
    return { node, poll: timer.poll };
  }

  takeCalls = () => this.calls.splice(0);
}

describe('the timer device', () => {
  it('can be polled only once it runs', () => {
    expect(() => buildTimer().poll(1n)).to.throw(TimerNotStartedError, /running timer device/);
  });

  it('wakes handlers in order of their deadlines, at the first poll that reaches them', () => {
    const machine = new Machine();
    const { node, poll } = machine.start();
    const [a, b] = [machine.handler('a'), machine.handler('b')];
    expect(node.setWakeup(10n, a)).to.equal(10n);
    expect(node.setWakeup(10, b)).to.equal(10n);
    node.setWakeup(5n, b);
    node.setWakeup(20n, a);
    expect(poll(4n)).to.equal(false);
    expect(machine.takeCalls()).to.deep.equal([]);
    expect(poll(12n)).to.equal(true);
    expect(machine.takeCalls()).to.deep.equal(['b 5', 'a 10', 'b 10']);
    expect(poll(12n)).to.equal(false);
    expect(node.getLastPolled()).to.equal(12n);
    expect(poll(30n)).to.equal(true);
    expect(machine.takeCalls()).to.deep.equal(['a 20']);
  });

  it('forgets all wakeups of a handler at once', () => {
    const machine = new Machine();
    const { node, poll } = machine.start();
    const [a, b] = [machine.handler('a'), machine.handler('b')];
    for (const time of [3n, 4n, 3n]) node.setWakeup(time, a);
    node.setWakeup(3n, b);
    expect(node.removeWakeup(a)).to.deep.equal([3n, 3n, 4n]);
    expect(node.removeWakeup(a)).to.deep.equal([]);
    poll(5n);
    expect(machine.takeCalls()).to.deep.equal(['b 3']);
  });

  it('refuses handlers that are no objects of vats, and passes over those in its state', () => {
    const machine = new Machine();
    const { node, poll } = machine.start();
    const a = machine.handler('a');
    const index = node.makeRepeater(0n, 10n);
    const strange = [null, harden([]), harden({ a: 1 }), node, Far('a device of another name', {})];
    for (const handler of strange as object[]) {
      expect(() => node.setWakeup(10n, handler)).to.throw(TypeError, /must be an object of a vat/);
      expect(() => node.schedule(index, handler)).to.throw(TypeError, /must be an object of a vat/);
    }
    node.setWakeup(10n, a);
    const [deadline] = machine.state?.deadlines ?? [];
    const kept = strange.flatMap(handler => [{ handler }, { handler, index }]);
    machine.state = {
      ...(machine.state as DeviceState),
      deadlines: [{ time: 10n, handlers: [...kept, ...(deadline?.handlers ?? [])] }],
    };
    expect(poll(12n)).to.equal(true);
    expect(machine.takeCalls()).to.deep.equal(['a 10']);
    expect(machine.state.deadlines).to.deep.equal([]);
  });

  it('refuses to go back in time, and invalid times', () => {
    const machine = new Machine();
    const { node, poll } = machine.start();
    const a = machine.handler('a');
    poll(7n);
    expect(() => poll(6n)).to.throw(RangeError, 'Time is monotonic. 6 cannot be less than 7');
    expect(() => poll('8' as unknown as bigint)).to.throw(TypeError, /must be a bigint/);
    expect(() => poll(7.5)).to.throw(TypeError, /must be a bigint/);
    expect(() => node.setWakeup(-1n, a)).to.throw(RangeError, /negative/);
    expect(() => node.setWakeup(undefined, a)).to.throw(TypeError, /must be a bigint/);
    expect(() => node.setWakeup(9n, 'a' as unknown as object)).to.throw(TypeError, /an object/);
    expect(node.getLastPolled()).to.equal(7n);
    expect(machine.state?.deadlines).to.deep.equal([]);
  });

  it('repeats along a grid, and once more after the repeater was deleted', () => {
    const machine = new Machine();
    const { node, poll } = machine.start();
    const r = machine.handler('r');
    expect(node.makeRepeater(3n, 10n)).to.equal(0);
    expect(node.makeRepeater(0n, 100n)).to.equal(1);
    expect(node.schedule(0n, r)).to.equal(13n);
    expect(poll(30n)).to.equal(true);
    expect(machine.takeCalls()).to.deep.equal(['r 13']);
    expect(poll(33n)).to.equal(true);
    expect(node.deleteRepeater(0)).to.equal(0);
    expect(poll(90n)).to.equal(true);
    expect(poll(200n)).to.equal(false);
    expect(machine.takeCalls()).to.deep.equal(['r 33', 'r 43']);
    expect(() => node.schedule(0, r)).to.throw(RangeError, /no repeater 0/);
    expect(() => node.deleteRepeater(7)).to.throw(RangeError, /no repeater 7/);
    expect(() => node.makeRepeater(1n, 0n)).to.throw(RangeError, /interval/);
  });

  it('forgets what a crank did that was undone', () => {
    const machine = new Machine();
    const { node, poll } = machine.start();
    node.setWakeup(5n, machine.handler('kept'));
    const before = machine.state;
    node.setWakeup(6n, machine.handler('undone'));
    node.makeRepeater(0n, 10n);
    machine.state = before;
    expect(poll(7n)).to.equal(true);
    expect(machine.takeCalls()).to.deep.equal(['kept 5']);
    expect(node.makeRepeater(0n, 10n)).to.equal(0);
  });

  it('goes on from its state, in the shape that SwingSet keeps it', () => {
    const machine = new Machine();
    const first = machine.start();
    const [a, b] = [machine.handler('a'), machine.handler('b')];
    first.poll(11n);
    first.node.setWakeup(20n, b);
    first.node.makeRepeater(3n, 10n);
    first.node.schedule(0, a);
    first.node.setWakeup(13n, b);
    expect(machine.state).to.deep.equal({
      deadlines: [
        { time: 13n, handlers: [{ handler: a, index: 0 }, { handler: b }] },
        { time: 20n, handlers: [{ handler: b }] },
      ],
      lastPolled: 11n,
      nextRepeater: 1,
      repeaters: [{ startTime: 3n, interval: 10n }],
    });

    const second = machine.start();
    expect(second.node.getLastPolled()).to.equal(11n);
    expect(second.poll(20n)).to.equal(true);
    expect(machine.takeCalls()).to.deep.equal(['a 13', 'b 13', 'b 20']);
    expect(machine.state?.deadlines).to.deep.equal([
      { time: 23n, handlers: [{ handler: a, index: 0 }] },
    ]);
  });
});
