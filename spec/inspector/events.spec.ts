import { expect } from 'chai';
import { describeQueue } from '../../lib/inspector/readers/events.js';
import type { RunQueueEvent } from '../../lib/state/events.js';
import { parseObjectKRef, parsePromiseKRef, parseVatID } from '../../lib/types/ids.js';

const target = parseObjectKRef('ko20');
const kpid = parsePromiseKRef('kp40');
const vatID = parseVatID('v3');

const answer = (event: RunQueueEvent) => describeQueue({ length: 1, events: [event] }, 0).events[0];

const message = (body: string, slots: readonly (typeof target)[] = []): RunQueueEvent => ({
  type: 'send',
  target,
  msg: { methargs: { body, slots }, result: kpid },
});

describe("the inspector's words for events", () => {
  for (const [body, method] of [
    ['#["add",[3]]', 'add'],
    ['#["#undefined",[3]]', '<funcall>'],
    ['#["%@@asyncIterator",[]]', '[@@asyncIterator]'],
    ['#["!#add",[]]', '#add'],
    ['#"nonsense"', '<unintelligible method>'],
    [`#["add",["${'x'.repeat(100_000)}"]]`, null],
  ] as const) {
    it(`name the method of ${body.slice(0, 40)} ${method ?? 'not at all: it is too long'}`, () => {
      expect(answer(message(body))).to.deep.include({ method, target, result: kpid });
    });
  }

  it('tell where an event goes, the promise that it is about, and its other references', () => {
    const other = parseObjectKRef('ko21');
    expect(answer(message('#["add",["$0"]]', [other]))).to.deep.equal({
      ...{ type: 'send', method: 'add', target, result: kpid },
      data: { body: { text: '#["add",["$0"]]', length: 15 }, slots: [other] },
      refs: [target, kpid, other],
    });
    expect(answer({ type: 'notify', vatID, kpid })).to.deep.equal({
      ...{ type: 'notify', method: null, target: vatID, result: kpid, data: null },
      refs: [kpid],
    });
    expect(answer({ type: 'bringOutYourDead', vatID })).to.deep.equal({
      ...{ type: 'bringOutYourDead', method: null, target: vatID, result: null, data: null },
      refs: [],
    });
  });
});
