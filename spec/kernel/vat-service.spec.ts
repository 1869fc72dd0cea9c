import { expect } from 'chai';
import { mayLift, nextService, type ServiceEvent } from '../../lib/kernel/vats/service.js';
import { DamagedRowError } from '../../lib/errors.js';
import { vatRows } from '../../lib/state/rows.js';
import { isPaused, isSuspended, type VatService } from '../../lib/types/vat-service.js';
import { parseVatID } from '../../lib/types/ids.js';

const SINCE = 7;
const NOW = 20;

/** `held:host+adminNode?why`: held by the host, paused by an adminNode, with the error `why`. */
const parse = (text: string): VatService => {
  const [, type, by, pausedBy, onFailure, error] =
    /^([a-z-]+)(?::(\w+))?(?:\+(\w+))?(?:!(\w+))?(?:\?(\w+))?$/.exec(text) ?? [];
  if (type === undefined) throw Error(`malformed: ${text}`);
  if (type === 'in-service') return { type };
  return {
    type,
    ...(by !== undefined && { by }),
    ...(pausedBy !== undefined && { pausedBy }),
    ...(onFailure !== undefined && { onFailure }),
    ...(error !== undefined && { error }),
    sinceCrank: SINCE,
  } as VatService;
};

const events = {
  'suspend:host': { type: 'suspend', by: 'host' },
  'suspend:adminNode': { type: 'suspend', by: 'adminNode' },
  'pause:host': { type: 'pause', by: 'host' },
  'pause:adminNode': { type: 'pause', by: 'adminNode' },
  'lift:host': { type: 'lift', by: 'host' },
  'lift:adminNode': { type: 'lift', by: 'adminNode' },
  sleep: { type: 'sleep', onFailure: 'suspend' },
  'sleep!panic': { type: 'sleep', onFailure: 'panic' },
  started: { type: 'started' },
  'start-failed?new': { type: 'start-failed', error: 'new' },
  'upgraded:host': { type: 'upgraded', by: 'host' },
  'upgraded:adminNode': { type: 'upgraded', by: 'adminNode' },
  'upgrade-failed?new': { type: 'upgrade-failed', error: 'new' },
} as const satisfies Record<string, ServiceEvent>;

/** What follows each state, event by event. "=": the state stays. */
const table: Readonly<Record<string, Readonly<Record<keyof typeof events, string>>>> = {
  'in-service': {
    'suspend:host': 'held:host',
    'suspend:adminNode': 'held:adminNode',
    'pause:host': 'paused+host',
    'pause:adminNode': 'paused+adminNode',
    'lift:host': '=',
    'lift:adminNode': '=',
    sleep: 'sleeping',
    'sleep!panic': 'sleeping!panic',
    started: '=',
    'start-failed?new': 'failed?new',
    'upgraded:host': '=',
    'upgraded:adminNode': '=',
    'upgrade-failed?new': '=',
  },
  'paused+host': {
    'suspend:host': 'held:host+host',
    'suspend:adminNode': 'held:adminNode+host',
    'pause:host': 'paused+host',
    'pause:adminNode': 'paused+host',
    'lift:host': 'in-service',
    'lift:adminNode': '=',
    sleep: 'sleeping+host',
    'sleep!panic': 'sleeping+host!panic',
    started: '=',
    'start-failed?new': 'failed+host?new',
    'upgraded:host': '=',
    'upgraded:adminNode': '=',
    'upgrade-failed?new': '=',
  },
  'paused+adminNode': {
    'suspend:host': 'held:host+adminNode',
    'suspend:adminNode': 'held:adminNode+adminNode',
    'pause:host': 'paused+host',
    'pause:adminNode': 'paused+adminNode',
    'lift:host': 'in-service',
    'lift:adminNode': 'in-service',
    sleep: 'sleeping+adminNode',
    'sleep!panic': 'sleeping+adminNode!panic',
    started: '=',
    'start-failed?new': 'failed+adminNode?new',
    'upgraded:host': '=',
    'upgraded:adminNode': '=',
    'upgrade-failed?new': '=',
  },
  'sleeping!terminate?old': {
    'suspend:host': 'held:host',
    'suspend:adminNode': 'held:adminNode',
    'pause:host': 'sleeping+host!terminate?old',
    'pause:adminNode': 'sleeping+adminNode!terminate?old',
    'lift:host': '=',
    'lift:adminNode': '=',
    sleep: 'sleeping',
    'sleep!panic': 'sleeping!panic',
    started: 'in-service',
    'start-failed?new': 'failed?new',
    'upgraded:host': 'in-service',
    'upgraded:adminNode': 'in-service',
    'upgrade-failed?new': 'sleeping!terminate?new',
  },
  'sleeping+host': {
    'suspend:host': 'held:host+host',
    'suspend:adminNode': 'held:adminNode+host',
    'pause:host': '=',
    'pause:adminNode': '=',
    'lift:host': 'sleeping',
    'lift:adminNode': '=',
    sleep: '=',
    'sleep!panic': 'sleeping+host!panic',
    started: 'paused+host',
    'start-failed?new': 'failed+host?new',
    'upgraded:host': 'paused+host',
    'upgraded:adminNode': 'paused+host',
    'upgrade-failed?new': 'sleeping+host?new',
  },
  'sleeping+adminNode!panic': {
    'suspend:host': 'held:host+adminNode',
    'suspend:adminNode': 'held:adminNode+adminNode',
    'pause:host': 'sleeping+host!panic',
    'pause:adminNode': '=',
    'lift:host': 'sleeping!panic',
    'lift:adminNode': 'sleeping!panic',
    sleep: 'sleeping+adminNode',
    'sleep!panic': '=',
    started: 'paused+adminNode',
    'start-failed?new': 'failed+adminNode?new',
    'upgraded:host': 'paused+adminNode',
    'upgraded:adminNode': 'paused+adminNode',
    'upgrade-failed?new': 'sleeping+adminNode!panic?new',
  },
  'failed?old': {
    'suspend:host': 'held:host',
    'suspend:adminNode': 'held:adminNode',
    'pause:host': 'failed+host?old',
    'pause:adminNode': 'failed+adminNode?old',
    'lift:host': 'sleeping?old',
    'lift:adminNode': 'sleeping?old',
    sleep: 'sleeping',
    'sleep!panic': 'sleeping!panic',
    started: 'in-service',
    'start-failed?new': 'failed?new',
    'upgraded:host': 'in-service',
    'upgraded:adminNode': 'in-service',
    'upgrade-failed?new': 'failed?new',
  },
  'failed+host?old': {
    'suspend:host': 'held:host+host',
    'suspend:adminNode': 'held:adminNode+host',
    'pause:host': '=',
    'pause:adminNode': '=',
    'lift:host': 'sleeping?old',
    'lift:adminNode': '=',
    sleep: 'sleeping+host',
    'sleep!panic': 'sleeping+host!panic',
    started: 'paused+host',
    'start-failed?new': 'failed+host?new',
    'upgraded:host': 'paused+host',
    'upgraded:adminNode': 'paused+host',
    'upgrade-failed?new': 'failed+host?new',
  },
  'held:host': {
    'suspend:host': '=',
    'suspend:adminNode': '=',
    'pause:host': 'held:host+host',
    'pause:adminNode': 'held:host+adminNode',
    'lift:host': 'sleeping',
    'lift:adminNode': '=',
    sleep: '=',
    'sleep!panic': '=',
    started: 'in-service',
    'start-failed?new': 'failed?new',
    'upgraded:host': 'in-service',
    'upgraded:adminNode': 'paused+host',
    'upgrade-failed?new': 'held:host?new',
  },
  'held:adminNode?old': {
    'suspend:host': 'held:host',
    'suspend:adminNode': 'held:adminNode',
    'pause:host': 'held:adminNode+host?old',
    'pause:adminNode': 'held:adminNode+adminNode?old',
    'lift:host': 'sleeping?old',
    'lift:adminNode': 'sleeping?old',
    sleep: '=',
    'sleep!panic': '=',
    started: 'in-service',
    'start-failed?new': 'failed?new',
    'upgraded:host': 'in-service',
    'upgraded:adminNode': 'in-service',
    'upgrade-failed?new': 'held:adminNode?new',
  },
  // The adminNode's pause lasts, and must not outweigh what the host asked for.
  'held:host+adminNode': {
    'suspend:host': '=',
    'suspend:adminNode': '=',
    'pause:host': 'held:host+host',
    'pause:adminNode': '=',
    'lift:host': 'sleeping',
    'lift:adminNode': '=',
    sleep: '=',
    'sleep!panic': '=',
    started: 'paused+adminNode',
    'start-failed?new': 'failed+adminNode?new',
    'upgraded:host': 'paused+adminNode',
    'upgraded:adminNode': 'paused+host',
    'upgrade-failed?new': 'held:host+adminNode?new',
  },
  'held:adminNode+host': {
    'suspend:host': 'held:host+host',
    'suspend:adminNode': '=',
    'pause:host': '=',
    'pause:adminNode': '=',
    'lift:host': 'sleeping',
    'lift:adminNode': '=',
    sleep: '=',
    'sleep!panic': '=',
    started: 'paused+host',
    'start-failed?new': 'failed+host?new',
    'upgraded:host': 'paused+host',
    'upgraded:adminNode': 'paused+host',
    'upgrade-failed?new': 'held:adminNode+host?new',
  },
};

describe("the table of a vat's service", () => {
  for (const [state, row] of Object.entries(table)) {
    it(`goes on from ${state} as it says`, () => {
      const service = parse(state);
      for (const [name, event] of Object.entries(events)) {
        const expected = row[name as keyof typeof events];
        const next = nextService(service, event, NOW);
        if (expected === '=') expect(next, name).to.deep.equal(service);
        else {
          const since = service.type === 'in-service' ? { sinceCrank: NOW } : {};
          const wanted = parse(expected);
          expect(next, name).to.deep.equal(
            wanted.type === 'in-service' ? wanted : { ...wanted, ...since },
          );
        }
      }
    });
  }

  it('leads to nothing but itself', () => {
    const combination = (service: VatService) => {
      const {
        sinceCrank: _since,
        error: _error,
        onFailure: _wants,
        ...rest
      } = {
        sinceCrank: 0,
        error: '',
        onFailure: '',
        ...service,
      };
      return JSON.stringify(Object.entries(rest).sort());
    };
    const known = new Set(Object.keys(table).map(state => combination(parse(state))));
    // Twice the same, and twice an adminNode, are what one of them is.
    for (const state of ['failed+adminNode?old', 'held:host+host', 'held:adminNode+adminNode']) {
      known.add(combination(parse(state)));
    }
    for (const row of Object.values(table)) {
      for (const next of Object.values(row)) {
        if (next !== '=') expect(known, next).to.include(combination(parse(next)));
      }
    }
  });
});

describe('a vat out of service', () => {
  it('is in one of the four combinations of suspended and paused', () => {
    const combinations = Object.keys(table).map(state => {
      const service = parse(state);
      return [state, isSuspended(service), isPaused(service)];
    });
    expect(combinations).to.deep.equal([
      ['in-service', false, false],
      ['paused+host', false, true],
      ['paused+adminNode', false, true],
      ['sleeping!terminate?old', true, false],
      ['sleeping+host', true, true],
      ['sleeping+adminNode!panic', true, true],
      ['failed?old', true, true],
      ['failed+host?old', true, true],
      ['held:host', true, true],
      ['held:adminNode?old', true, true],
      ['held:host+adminNode', true, true],
      ['held:adminNode+host', true, true],
    ]);
  });

  it('is brought back by the host, and by an adminNode unless the host took it out', () => {
    const states = Object.keys(table);
    expect(states.filter(state => !mayLift(parse(state), 'host'))).to.deep.equal([]);
    expect(states.filter(state => !mayLift(parse(state), 'adminNode'))).to.deep.equal([
      'paused+host',
      'sleeping+host',
      'failed+host?old',
      'held:host',
      'held:host+adminNode',
      'held:adminNode+host',
    ]);
  });
});

describe('the row of a vat out of service', () => {
  const v7 = parseVatID('v7');
  const read = (row: string) => vatRows.service.read({ get: () => row }, v7);

  it('is read as it was written', () => {
    for (const state of Object.keys(table)) {
      const service = parse(state);
      if (service.type === 'in-service') continue;
      expect(read(JSON.stringify(service)), state).to.deep.equal(service);
    }
  });

  for (const damaged of [
    '{"type":"paused","sinceCrank":7}',
    '{"type":"failed","sinceCrank":7}',
    '{"type":"held","by":"nobody","sinceCrank":7}',
    '{"type":"held","by":"host"}',
    '{"type":"sleeping","onFailure":"suspend","sinceCrank":7}',
    '{"type":"in-service"}',
    '{"suspended":true,"paused":true,"sinceCrank":7}',
    '{"type":"sleeping","sinceCrank":7',
  ]) {
    it(`is refused, by key and value: ${damaged}`, () => {
      expect(() => read(damaged))
        .to.throw(DamagedRowError)
        .and.to.include({ key: 'v7.service', value: damaged });
    });
  }
});
