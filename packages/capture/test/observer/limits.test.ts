import { concat } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { assess } from '../../src/assessment/assess.ts';
import { type Finding, OBSERVER_LIMITS, Observer, type Report } from '../../src/index.ts';
import { u32 } from '../support/files.ts';
import { ipv4, type Sent, testSession } from '../support/session.ts';

const sent = (octets: Uint8Array, changes: Partial<Sent> = {}) =>
  ipv4({ from: '192.0.2.1', to: '198.51.100.1', ports: [500, 500], octets, isEsp: false, ...changes });

describe('a flood', () => {
  const first = testSession().sent[0]?.octets ?? new Uint8Array(0);
  const cookied = (n: number) => {
    const octets = first.slice();
    octets.set(u32(n + 1), 0);
    return octets;
  };

  it('of first messages has no more rows than there may be, and each is decoded', () => {
    const observer = new Observer({ limits: { ikeSas: 50, exchanges: 40 } });
    for (let n = 0; n < 200; n++) {
      const [one] = observer.push({ number: n + 1, time: n, linkType: 101, octets: sent(cookied(n)) });
      expect(one).toMatchObject({
        kind: 'isakmp',
        name: 'Main Mode 1',
        ikeSa: n < 50 ? n : -1,
        exchange: n < 40 ? n : -1,
      });
    }
    const { ikeSas, exchanges, beyondLimits } = observer.report();
    expect([ikeSas.length, exchanges.length]).toEqual([50, 40]);
    expect(beyondLimits).toEqual({ ikeSas: 150, exchanges: 10 });
  });

  it('of SPIs and of addresses likewise', () => {
    const observer = new Observer({ limits: { sas: 10, conversations: 5 } });
    for (let n = 0; n < 30; n++) {
      const octets = sent(concat(u32(n + 1000), u32(1), new Uint8Array(40)), {
        ports: undefined,
        isEsp: true,
        from: `192.0.2.${n}`,
      });
      expect(observer.push({ number: n + 1, time: n, linkType: 101, octets }).length).toBe(1);
    }
    const { sas, conversations, beyondLimits } = observer.report();
    expect([sas.length, conversations.length]).toEqual([10, 5]);
    expect(beyondLimits).toEqual({ sas: 20, conversations: 25 });
  });

  it('costs each message alike, the last as the first', () => {
    const observer = new Observer();
    const block = 2000;
    const time = (from: number): number => {
      const start = performance.now();
      for (let n = from; n < from + block; n++)
        observer.push({ number: n + 1, time: n, linkType: 101, octets: sent(cookied(n)) });
      return performance.now() - start;
    };
    const times = Array.from({ length: 8 }, (_, i) => time(i * block));
    const [, early = 0, ...later] = times;
    // What grows with what came before would be eight times as slow: so much is not the machine's mood.
    expect(Math.min(...later.slice(-3))).toBeLessThan(5 * early + 50);
    expect(observer.report().ikeSas.length).toBe(OBSERVER_LIMITS.ikeSas);
  });
});

describe('the assessment', () => {
  const ikeSa: Report['ikeSas'][number] = {
    version: 1,
    initiatorCookie: '0123456789abcdef',
    responderCookie: 'fedcba9876543210',
    initiator: '192.0.2.1:500',
    responder: '192.0.2.2:500',
    conversation: 0,
    mode: 'main',
    firstFrame: 1,
    lastFrame: 6,
    firstTime: 0,
    lastTime: 1,
    messages: 6,
    retransmissions: 0,
    agreed: {
      encryption: 'aes-cbc',
      keyBits: 256,
      hash: 'sha2-256',
      group: '14 (modp-2048)',
      authentication: 'rsa-signature',
      lifetimeSeconds: 28_800,
      lifetimeKilobytes: undefined,
    },
    initiatorId: undefined,
    responderId: undefined,
    nat: 'none',
    keys: 'none',
    state: 'established',
    encrypted: 2,
    decrypted: 0,
    deletedFrame: undefined,
  };
  const sa: Report['sas'][number] = {
    protocol: 'esp',
    spi: 0x1000,
    source: '192.0.2.1',
    destination: '192.0.2.2',
    conversation: 0,
    encapsulation: 'ip',
    isInAh: false,
    ikeSa: 0,
    exchange: 1,
    opposite: -1,
    replaces: -1,
    suite: 'aes-256-gcm-16',
    mode: 'tunnel',
    esn: false,
    antiReplay: undefined,
    deletedFrame: undefined,
    pfsGroup: '19 (ecp-256)',
    lifetimeSeconds: 3600,
    lifetimeKilobytes: undefined,
    selectors: undefined,
    firstTime: 0,
    lastTime: 1,
    firstFrame: 7,
    lastFrame: 9,
    packets: 3,
    octets: 400,
    opened: 3,
    innerOctets: 300,
    icvBad: 0,
    replayed: 0,
    late: 0,
    lost: 0,
    lowestSequence: 1,
    highestSequence: 3,
    keys: 'derived',
  };
  type Agreed = NonNullable<(typeof ikeSa)['agreed']>;
  const agreed = (changes: Partial<Agreed>) => ({
    ...ikeSa,
    agreed: { ...(ikeSa.agreed ?? expect.unreachable()), ...changes },
  });
  const findings = (row: Partial<Record<'ike', typeof ikeSa> & Record<'sa', typeof sa>>): readonly Finding[] =>
    assess({ ikeSas: row.ike === undefined ? [] : [row.ike], sas: row.sa === undefined ? [] : [row.sa] });

  it('finds nothing but the protocol wrong with what is right', () => {
    expect(findings({ ike: ikeSa, sa }).map(({ clause }) => clause)).toEqual(['RFC 9395 §3: IKEv1 is deprecated']);
    expect(findings({ ike: { ...ikeSa, version: 2, mode: 'ikev2' } })).toEqual([]);
  });

  it.each<readonly [Finding['severity'], RegExp, Parameters<typeof findings>[0]]>([
    ['high', /RFC 8247 §2.1: DES/, { ike: agreed({ encryption: 'des-cbc' }) }],
    ['medium', /RFC 8247 §2.1: 3DES/, { ike: agreed({ encryption: '3des-cbc' }) }],
    ['high', /MD5 MUST NOT/, { ike: agreed({ hash: 'md5' }) }],
    ['low', /SHA1 MUST-/, { ike: agreed({ hash: 'sha1' }) }],
    ['high', /groups 1 and 22/, { ike: agreed({ group: '1 (modp-768)' }) }],
    ['high', /group 2 SHOULD NOT/, { ike: agreed({ group: '2 (modp-1024)' }) }],
    ['medium', /groups 5, 23 and 24/, { ike: agreed({ group: '5 (modp-1536)' }) }],
    ['high', /CVE-2002-1623/, { ike: { ...agreed({ authentication: 'pre-shared-key' }), mode: 'aggressive' } }],
    ['low', /24 hours/, { ike: agreed({ lifetimeSeconds: 100_000 }) }],
    ['high', /RFC 8221 §5: DES/, { sa: { ...sa, suite: 'des-cbc/hmac-sha2-256-128', lifetimeKilobytes: 1000 } }],
    ['medium', /RFC 8221 §5: 3DES/, { sa: { ...sa, suite: '3des-cbc/hmac-sha2-256-128', lifetimeKilobytes: 1000 } }],
    ['high', /CVE-2016-2183; SP 800-67/, { sa: { ...sa, suite: '3des-cbc/hmac-sha2-256-128', octets: 2 ** 31 } }],
    ['medium', /CVE-2016-2183; RFC 2407/, { sa: { ...sa, suite: '3des-cbc/hmac-sha2-256-128' } }],
    ['high', /HMAC_MD5_96 MUST NOT/, { sa: { ...sa, suite: 'aes-128-cbc/hmac-md5-96' } }],
    ['low', /HMAC_SHA1_96 MUST-/, { sa: { ...sa, suite: 'aes-128-cbc/hmac-sha1-96' } }],
    ['medium', /RFC 4868/, { sa: { ...sa, suite: 'aes-128-cbc/hmac-sha2-256-96' } }],
    ['high', /RFC 8221 §4/, { sa: { ...sa, suite: 'aes-128-cbc/none' } }],
    ['medium', /RFC 2410/, { sa: { ...sa, suite: 'null/hmac-sha2-256-128' } }],
    ['low', /RFC 2409 §8/, { sa: { ...sa, pfsGroup: undefined } }],
    ['medium', /RFC 8247 §2.4$/, { sa: { ...sa, pfsGroup: '2 (modp-1024)' } }],
    ['low', /8 hours/, { sa: { ...sa, lifetimeSeconds: 86_400 } }],
    ['medium', /RFC 4303 §3.4.3/, { sa: { ...sa, replayed: 4 } }],
    ['medium', /RFC 4303 §3.4.3/, { sa: { ...sa, lowestSequence: 1, highestSequence: 1 } }],
    ['medium', /RFC 4303 §3.4.3/, { sa: { ...sa, antiReplay: false } }],
    ['low', /RFC 4303 §2.2.1/, { sa: { ...sa, highestSequence: 3_000_000_000 } }],
  ])('finds what is %s, with its clause and a remedy: %s', (severity, clause, row) => {
    const found = findings(row).filter((finding) => clause.test(finding.clause));
    expect(found).toMatchObject([{ severity, what: expect.stringMatching(/./), remedy: expect.stringMatching(/\.$/) }]);
  });

  it('tells of both directions once, the worst first', () => {
    const [left, right] = [
      { ...sa, opposite: 1, suite: 'des-cbc/hmac-md5-96' },
      { ...sa, opposite: 0, suite: 'des-cbc/hmac-md5-96' },
    ];
    const found = assess({ ikeSas: [ikeSa], sas: [left, right] });
    expect(found.map(({ index, severity }) => [index, severity])).toEqual([
      [0, 'high'],
      [0, 'high'],
      [0, 'medium'],
      [0, 'low'],
    ]);
  });
});
