import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { nobleEngine } from '@espalier/crypto';
import { type Duration, seconds } from '@espalier/wire';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRng } from '../src/common/randomness.ts';
import { differences } from '../src/four-routers/differences.ts';
import type { Evidence, GatewayEvidence, GatewayViews } from '../src/four-routers/evidence.ts';
import { runScenario } from '../src/four-routers/scenario.ts';

interface Run {
  readonly evidence: Evidence;
  readonly lines: readonly string[];
  /** SHA-256 of all packets between R2 and R3. */
  readonly digest: string;
}

function run(day: Duration, seed = '1', change: (text: string, router: string) => string = (text) => text): Run {
  const lines: string[] = [];
  const digest = createHash('sha256');
  const evidence = runScenario({
    engine: nobleEngine(),
    rng: seededRng(seed),
    terminal: { print: (line = '') => lines.push(line), progress: () => {} },
    day,
    tap: (_, packet) => digest.update(packet),
    configurationOf: (router) =>
      change(readFileSync(new URL(`../configs/${router}.conf`, import.meta.url), 'utf8'), router),
  });
  return { evidence, lines, digest: digest.digest('hex') };
}

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** SPIs and cookies are drawn. */
function withoutChance(text: string): string {
  return text.replaceAll(/\b(?:\d{8,10}|[0-9a-f]{16})\b/g, '#').replaceAll(/ +/g, ' ');
}

describe('the four routers', () => {
  let short: Run;

  beforeAll(() => {
    short = run(seconds(600));
  });

  it('show what the document shows', () => {
    expect(differences(short.evidence)).toEqual([]);
    expect(short.evidence.day).toMatchObject({ sent: 600, received: 600, rekeys: { phase1: 0, phase2: 0 } });
  });

  it('print what README.md shows, but for what is drawn', () => {
    const [, shown = ''] = /The routers come up.*\n([\s\S]*?)\nR1 pings/.exec(readme) ?? [];
    const printed = short.lines.join('\n').split('\n').map(withoutChance);
    const missing = withoutChance(shown)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('... '))
      .filter((line) => {
        const at = printed.indexOf(line);
        printed.splice(0, at + 1);
        return at < 0;
      });
    expect(missing).toEqual([]);
    expect(shown.split('\n').length).toBeGreaterThan(80);
  });

  it('ask what the document asks, in its order', () => {
    const views = ['ike security-associations', 'ipsec security-associations detail', 'ipsec statistics'];
    expect(short.lines.filter((line) => line.startsWith('user@'))).toEqual([
      'user@R1> ping 10.1.56.2 count 5',
      ...views.map((view) => `user@R2> show services ipsec-vpn ${view}`),
      ...views.map((view) => `user@R3> show services ipsec-vpn ${view}`),
      'user@R4> ping 10.1.12.2 count 6',
      'user@R4> traceroute 10.1.12.2',
    ]);
  });

  it('see on R2 the lifetimes that the document prints', () => {
    const [sa] = short.evidence.verification.r2.ipsec[0]?.tunnels[0]?.securityAssociations ?? [];
    expect(sa).toMatchObject({ softLifetime: 26863, hardLifetime: 26998 });
  });

  it('send the same octets for the same seed, and others for another', () => {
    expect(run(seconds(1)).digest).toBe(run(seconds(1)).digest);
    expect(run(seconds(1), '2').digest).not.toBe(run(seconds(1)).digest);
  });

  it('lose nothing through the rekeys of both phases', () => {
    const { evidence } = run(seconds(2 * 3600), '1', (text) =>
      text.replace('dynamic {', 'dynamic { ipsec-policy brief;').replace(
        'ipsec-vpn {',
        `ipsec-vpn { ipsec {
          policy brief { proposals brief; }
          proposal brief { lifetime-seconds 3600; }
        }`,
      ),
    );
    expect(evidence.day.sent - evidence.day.received).toBe(0);
    expect(evidence.day.rekeys.phase1).toBeGreaterThanOrEqual(2);
    expect(evidence.day.rekeys.phase2).toBeGreaterThanOrEqual(2);
    expect(evidence.day.lostNeighbors).toBe(0);
    expect(evidence.day.failures).toEqual([]);
  });

  it.each([
    ['ah', 'AH', 'None'],
    ['bundle', 'BUNDLE', '3des-cbc'],
  ])('agree on protocol %s where both propose it', (protocol, shown, encryption) => {
    const { evidence } = run(seconds(1), '1', (text) =>
      text
        .replace('dynamic {', 'dynamic { ipsec-policy q;')
        .replace('ipsec-vpn {', `ipsec-vpn { ipsec { policy q { proposals p; } proposal p { protocol ${protocol}; } }`),
    );
    expect(evidence.pings.map(({ received }) => received)).toEqual([5, 6]);
    for (const { text, statistics } of Object.values(evidence.verification)) {
      const line = `Protocol: ${shown}, Authentication: hmac-sha1-96, Encryption: ${encryption}\n`;
      expect(text.ipsecSecurityAssociations).toContain(line);
      expect(statistics[0]?.ahInputPackets).toBeGreaterThan(0);
    }
  });

  it('show Aggressive where both say `mode aggressive`, and everything else as it was', () => {
    const { evidence } = run(seconds(600), '1', (text) =>
      text.replace('policy ike-policy-preshared {', 'policy ike-policy-preshared { mode aggressive;'),
    );
    for (const { ike } of Object.values(evidence.verification)) {
      expect(ike).toMatchObject([{ exchangeType: 'Aggressive', state: 'Matured' }]);
    }
    expect(differences(evidence)).toEqual([
      expect.stringMatching(/^R2: .* has "Aggressive" .* has "Main"$/),
      expect.stringMatching(/^R3: .* has "Aggressive" .* has "Main"$/),
    ]);
    expect(evidence.day).toMatchObject({ sent: 600, received: 600, failures: [] });
  });
});

describe('a difference from the document is told', () => {
  let right: Evidence;

  beforeAll(() => {
    right = run(seconds(1)).evidence;
  });

  const onR2 = (evidence: Evidence, change: (views: GatewayViews) => GatewayViews): Evidence => ({
    ...evidence,
    verification: { ...evidence.verification, r2: change(evidence.verification.r2) },
  });
  const onR3 = (evidence: Evidence, change: (views: GatewayViews) => GatewayViews): Evidence => ({
    ...evidence,
    verification: { ...evidence.verification, r3: change(evidence.verification.r3) },
  });
  const inText =
    (name: keyof GatewayViews['text'], from: string | RegExp, to: string) =>
    (views: GatewayViews): GatewayViews => ({
      ...views,
      text: { ...views.text, [name]: views.text[name].replace(from, to) },
    });
  const inIke = (views: GatewayViews, change: object): GatewayViews => ({
    ...views,
    ike: views.ike.map((sa) => ({ ...sa, ...change })),
  });
  const inSas = (views: GatewayViews, change: object): GatewayViews => ({
    ...views,
    ipsec: views.ipsec.map((set) => ({
      ...set,
      tunnels: set.tunnels.map((tunnel) => ({
        ...tunnel,
        securityAssociations: tunnel.securityAssociations.map((sa) => ({ ...sa, ...change })),
      })),
    })),
  });
  const inStatistics = (views: GatewayViews, change: object): GatewayViews => ({
    ...views,
    statistics: views.statistics.map((statistics) => ({ ...statistics, ...change })),
  });
  const inDay = (evidence: Evidence, change: Partial<Evidence['day']>): Evidence => ({
    ...evidence,
    day: { ...evidence.day, ...change },
  });
  const atEnd = ({ r2, r3 }: GatewayEvidence): GatewayEvidence => ({ r2, r3: inIke(r3, { initiatorCookie: '0' }) });

  it.each<[string, (evidence: Evidence) => Evidence, RegExp]>([
    [
      'a lost ping',
      (evidence) => ({ ...evidence, pings: [{ from: 'R1', to: 'R4', sent: 5, received: 4 }] }),
      /^ping from R1 to R4: 1 of 5 lost$/,
    ],
    [
      'no ping at all',
      (evidence) => ({ ...evidence, pings: [{ from: 'R1', to: 'R4', sent: 0, received: 0 }] }),
      /^ping from R1 to R4: none was sent$/,
    ],
    [
      'a neighbour in one direction',
      (evidence) => ({ ...evidence, neighbors: [{ on: 'R1', state: 'Init' }] }),
      /^OSPF on R1 is Init, not 2-Way$/,
    ],
    [
      'an IKE SA that is not matured',
      (evidence) => onR2(evidence, inText('ikeSecurityAssociations', 'Matured', 'Not matured')),
      /^R2: show services ipsec-vpn ike security-associations has "Not" after "type 10.1.15.2", where .* "Matured"$/,
    ],
    [
      'an address that is another',
      (evidence) => onR3(evidence, inText('ikeSecurityAssociations', '10.1.15.1', '10.1.15.9')),
      /^R3: show services ipsec-vpn ike security-associations has "10.1.15.9"/,
    ],
    [
      'a second IKE SA',
      (evidence) => onR3(evidence, inText('ikeSecurityAssociations', /$/, '10.1.15.1 Matured')),
      /^R3: show .* ike security-associations has "10.1.15.1" after .* where the document ends$/,
    ],
    [
      'an identity that is another',
      (evidence) => onR2(evidence, inText('ipsecSecurityAssociations', '10.1.12.0/24', '0.0.0.0/0')),
      /^R2: show services ipsec-vpn ipsec security-associations detail has "ipv4_subnet\(any:0,\[0\.\.7\]=0\.0\.0\.0\/0\)"/,
    ],
    [
      'a cipher that is another',
      (evidence) => onR3(evidence, inText('ipsecSecurityAssociations', '3des-cbc', 'des-cbc')),
      /^R3: show .* detail has "des-cbc" after "hmac-sha1-96, Encryption:"/,
    ],
    [
      'an SA that is missing',
      (evidence) => onR2(evidence, inText('ipsecSecurityAssociations', /Direction: outbound[\s\S]*/, '')),
      /^R2: show .* detail has nothing after "size: 64", where the document has "Direction:"$/,
    ],
    [
      'an error that was counted',
      (evidence) => onR3(evidence, inText('ipsecStatistics', 'Replay errors: 0', 'Replay errors: 1')),
      /^R3: show services ipsec-vpn ipsec statistics has "1" after "Replay errors:", where the document has "0"$/,
    ],
    [
      'cookies that differ',
      (evidence) => onR3(evidence, (views) => inIke(views, { responderCookie: '00' })),
      /^the cookies of R2 \(\w{16} \w{16}\) are not those of R3 \(\w{16} 00\)$/,
    ],
    ['no IKE SA', (evidence) => onR2(evidence, (views) => ({ ...views, ike: [] })), /^R2 has no IKE SA$/],
    ['no IPsec SA', (evidence) => onR2(evidence, (views) => ({ ...views, ipsec: [] })), /^R2 has no IPsec SA$/],
    [
      'SPIs that are not mirrored',
      (evidence) => onR3(evidence, (views) => inSas(views, { spi: 256 })),
      /^R2's inbound SPIs \(\d+\) are not R3's outbound SPIs \(256\)$/,
    ],
    [
      'a soft lifetime at another distance',
      (evidence) => onR2(evidence, (views) => inSas(views, { softLifetime: 1, hardLifetime: 91 })),
      /^R2: the soft lifetime inbound is 90 s before the hard one, not 135$/,
    ],
    [
      'octets that were lost on the way',
      (evidence) => onR3(evidence, (views) => inStatistics(views, { espDecryptedBytes: 1 })),
      /^R2's encrypted bytes \(\d+\) are not R3's decrypted \(1\)$/,
    ],
    [
      'packets that were lost on the way back',
      (evidence) => onR2(evidence, (views) => inStatistics(views, { espDecryptedPackets: 1 })),
      /^R3's encrypted packets \(\d+\) are not R2's decrypted \(1\)$/,
    ],
    [
      'a hop too few',
      (evidence) => ({ ...evidence, traceroute: evidence.traceroute.slice(1) }),
      /^traceroute from R4: 10\.0\.0\.2, 10\.1\.12\.2, not 10\.1\.15\.2, 10\.0\.0\.2, 10\.1\.12\.2$/,
    ],
    [
      'a hop that nobody answers for',
      (evidence) => ({ ...evidence, traceroute: [['10.1.15.2'], [], ['10.1.12.2']] }),
      /^traceroute from R4: 10\.1\.15\.2, \*, 10\.1\.12\.2, not/,
    ],
    [
      'the link between the gateways in the path',
      (evidence) => ({ ...evidence, traceroute: [['10.1.15.2'], ['10.1.15.1'], ['10.1.12.2']] }),
      /^traceroute from R4: 10\.1\.15\.1 forwards, beyond the first hop$/,
    ],
    [
      'a ping lost in the day',
      (evidence) => inDay(evidence, { sent: 9, received: 8 }),
      /through the day: 1 of 9 lost$/,
    ],
    [
      'a phase 1 that is not renewed',
      (evidence) => inDay(evidence, { duration: seconds(86_400), rekeys: { phase1: 23, phase2: 3 } }),
      /^only 23 rekeys of phase 1 in 86400 s$/,
    ],
    [
      'a phase 2 that is not renewed',
      (evidence) => inDay(evidence, { duration: seconds(86_400), rekeys: { phase1: 24, phase2: 2 } }),
      /^only 2 rekeys of phase 2 in 86400 s$/,
    ],
    [
      'a neighbour that went down',
      (evidence) => inDay(evidence, { lostNeighbors: 1 }),
      /^OSPF neighbours went down .*1$/,
    ],
    [
      'a negotiation that failed',
      (evidence) => inDay(evidence, { failures: ['no-proposal-chosen'] }),
      /^a negotiation failed: no-proposal-chosen$/,
    ],
    [
      'ends that disagree when the day is over',
      (evidence) => inDay(evidence, { gateways: atEnd(evidence.day.gateways) }),
      /^the cookies of R2 .* at the end of the day$/,
    ],
  ])('%s', (_, change, told) => {
    expect(differences(right)).toEqual([]);
    expect(differences(change(right))).toContainEqual(expect.stringMatching(told));
  });

  it.each<[string, string, string, string, RegExp]>([
    ['another pre-shared key', 'R3', '"juniper"', '"arista"', /^R2 has no IPsec SA$/],
    ['another subnet', 'R3', 'source-address 10.1.56.0/24', 'source-address 10.1.57.0/24', /^R2 has no IPsec SA$/],
    [
      'another window',
      'R2',
      'remote-gateway',
      'anti-replay-window-size 128; remote-gateway',
      /has "128" after "window size:"/,
    ],
    ['no anti-replay', 'R3', '10.1.15.1;', '10.1.15.1; no-anti-replay;', /has "Disabled" after "Anti-replay service:"/],
  ])('when a gateway is configured with %s', (_, router, from, to, told) => {
    const { evidence } = run(seconds(1), '1', (text, name) => (name === router ? text.replace(from, to) : text));
    expect(differences(evidence)).toContainEqual(expect.stringMatching(told));
  });
});
