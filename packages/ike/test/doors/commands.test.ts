import { readFileSync } from 'node:fs';
import { nobleEngine } from '@espalier/crypto';
import { AddressPool, IkeEndpoint, Replay } from '@espalier/ike';
import { type DeletePayload, EXCHANGE, ipv4SubnetId, PROTOCOL_ID, seconds, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { TIMERS_PER_CALL } from '../../src/limits.ts';
import { fromJson, toJson } from '../../src/recording/json.ts';
import { deleteOfIkeSa } from '../../src/v1/informational/informational.ts';
import { probeNotification } from '../../src/v1/informational/probe.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { Forger } from '../support/forger.ts';
import { childPolicy, peerConfig, START, tunnelled } from '../support/pair.ts';
import { Road } from '../transaction/road.ts';

const NET_12 = ipv4SubnetId('10.1.12.0/24');

describe('a command', () => {
  it('to renew a child that another has taken over from does nothing', () => {
    const pair = tunnelled();
    const [old = expect.fail()] = pair.R2.endpoint.children();
    const renew = () => pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, old.inbound));
    renew();
    pair.run(seconds(8));
    expect(pair.R2.of('child-established')).toHaveLength(2);
    expect(pair.R2.endpoint.children().map(({ inbound }) => inbound)).toContain(old.inbound);
    renew();
    pair.run(seconds(8));
    expect(pair.R2.of('child-established')).toHaveLength(2);
  });

  it('to negotiate a child for what its policy is not for is refused by the name of the end', () => {
    const within = { within: [ipv4SubnetId('10.1.0.0/16')] };
    const pair = tunnelled({ R2: { children: [childPolicy('R2', { localIdentity: within })] } });
    const initiate = (localIdentity: ReturnType<typeof ipv4SubnetId>) =>
      pair.on('R2', (endpoint, now) =>
        endpoint.initiate(now, 'R3', 'net', { localIdentity, remoteIdentity: ipv4SubnetId('10.1.56.0/24') }),
      );
    expect(() => initiate(NET_12)).not.toThrow();
    expect(() => initiate(ipv4SubnetId('10.2.12.0/24'))).toThrow(
      new RangeError('identities.localIdentity: child net is not for it'),
    );
  });

  it('to do what is due does a part of what is much, and says that there is more', () => {
    const names = Array.from({ length: 5 * TIMERS_PER_CALL }, (_, i) => `peer-${i}`);
    const peers = names.map((name, i) =>
      peerConfig('R2', { name, remote: { address: `192.0.2.${i + 1}`, port: 500 } }),
    );
    const endpoint = new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(1), peers });
    const sent = () => {
      let count = 0;
      while (endpoint.pollTransmit() !== undefined) count += 1;
      return count;
    };
    for (const name of names) endpoint.initiate(START, name);
    expect(sent()).toBe(names.length);
    const due = endpoint.pollTimeout()?.at ?? expect.fail();
    for (let left = names.length; left > 0; left -= TIMERS_PER_CALL) {
      expect(endpoint.pollTimeout()?.at).toBe(due);
      endpoint.handleTimeout(due);
      expect(sent()).toBe(TIMERS_PER_CALL);
    }
    expect(endpoint.pollTimeout()?.at).toBeGreaterThan(due);
  });
});

describe('a request that waits for the caller', () => {
  it('comes again, and is neither refused nor asked about twice', () => {
    const road = new Road();
    road.answering = ({ kind }) => (kind === 'lease' ? 'later' : undefined);
    let last: Uint8Array | undefined;
    road.network = ({ from, transmit: { octets } }) => {
      if (from === 'R2') last = octets;
      return [10];
    };
    road.initiate();
    expect(road.runUntil(() => road.asked.some(({ question }) => question.kind === 'lease'), seconds(30))).toBe(true);
    expect(road.inject('R3', last ?? expect.fail())).toEqual({ ok: true });
    expect(road.asked.filter(({ question }) => question.kind === 'lease')).toHaveLength(1);
  });
});

describe('a Delete', () => {
  it('of another IKE SA, or of ESP by the cookies of this one, ends nothing', () => {
    const forger = new Forger();
    const sa = forger.establish();
    forger.drain();
    const own = deleteOfIkeSa(sa.cookies);
    const other = deleteOfIkeSa({ ...sa.cookies, responder: sa.cookies.responder.map((octet) => octet ^ 1) });
    const say = (payload: DeletePayload, messageId: number) => {
      forger.send(forger.seal(sa, EXCHANGE.informational, messageId, [payload]));
      return forger.endpoint.ikeSas().length;
    };
    expect(say(other, 7)).toBe(1);
    expect(say({ ...own, protocol: PROTOCOL_ID.esp }, 8)).toBe(1);
    expect(say(own, 9)).toBe(0);
  });
});

describe('a sign of life', () => {
  it('that nobody has asked for changes nothing', () => {
    const forger = new Forger();
    const sa = forger.establish();
    forger.drain();
    const answer = probeNotification(sa.cookies, { kind: 'R-U-THERE-ACK', sequence: 1 });
    forger.send(forger.seal(sa, EXCHANGE.informational, 7, [answer]));
    expect(forger.endpoint.ikeSas()).toHaveLength(1);
  });
});

describe('a recording', () => {
  it('has every value as it was, octets too', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(fc.boolean(), fc.integer(), fc.string(), fc.uint8Array({ maxLength: 9 })),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'flag'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (one) => {
        expect(fromJson(JSON.parse(JSON.stringify(toJson(one, toHex))))).toEqual(one);
      }),
    );
  });

  it('that has come to a secret that it does not hold stays there', () => {
    const file = new URL('../recordings/wrong-key-without-secrets.jsonl', import.meta.url);
    const replay = new Replay(readFileSync(file, 'utf8'), { engine: nobleEngine() });
    while (replay.next() !== undefined);
    expect(replay.endedAt).toBe('secret');
    expect([replay.next(), replay.next(), replay.endedAt]).toEqual([undefined, undefined, 'secret']);
  });
});

describe('a pool of addresses', () => {
  it('has four of them at least, and says of which family it should be', () => {
    expect(() => new AddressPool({ ipv4: '10.1.77.0/31' })).toThrow(/^options\.ipv4: .*IPv4 with at least 4/);
    expect(() => new AddressPool({ ipv6: 'fd00::/127' })).toThrow(/IPv6 with at least 4/);
    expect(() => new AddressPool({ ipv4: 'fd00::/64' })).toThrow(/IPv4/);
  });
});
