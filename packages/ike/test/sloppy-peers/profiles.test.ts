import { ahSuite, ESP_SUITES, espSuite } from '@espalier/crypto';
import { PEER_PROFILES, TOLERANCES } from '@espalier/ike';
import { decodeHeader, EXCHANGE, fromHex, type Payload, seconds, VENDOR_ID, VENDORS } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { asPeerHasIt } from '../../src/peer/profiles/suites.ts';
import { HandMadePeer } from '../support/hand-made-peer.ts';
import { childPolicy, Pair } from '../support/pair.ts';

const INTRODUCTION = `# Peer profiles

Implementations that are met, and what each does that is worth knowing. Written by a test from
\`packages/ike/src/peer/profiles\`; a peer has one by \`PeerConfig.profile\`. Most of what is told here is taken of every
peer, by a name (see [RFC.md](../../RFC.md)) or because it is right; what a profile changes stands first.

How one speaks with each, with a program: [phones, Cisco’s clients and vpnc](../how-to/connect/clients.md),
[L2TP clients](../how-to/connect/l2tp.md), [routers and firewalls](../how-to/connect/routers.md),
[strongSwan](../how-to/connect/strongswan.md), [Junos](../../packages/junos/README.md).

The event \`implementation-known\` names an implementation by its vendor IDs, and the profile that is made for it. Nothing
is done by that name alone: a vendor ID is anybody's to send.
`;

describe('peer profiles', () => {
  it('are described in docs/reference/peer-profiles.md (vitest -u writes it anew)', async () => {
    const pages = Object.entries(PEER_PROFILES).map(([name, profile]) => {
      const changes = [
        ...(profile.truncatesSha2 === true ? ['HMAC-SHA2-256 of its children has 96 bits instead of 128.'] : []),
        ...(profile.keepsRenewed === true ? ['An IKE SA that was renewed ends without a Delete.'] : []),
      ];
      const known = profile.known.length === 0 ? 'no vendor ID' : profile.known.join(', ');
      const habits = profile.habits.map(({ what, source }) => `- ${what} (${source}).`);
      const changed = changes.length === 0 ? 'It changes nothing.' : changes.join(' ');
      return [`## \`${name}\`: ${profile.title}`, '', `${changed} Known by: ${known}.`, '', ...habits, ''].join('\n');
    });
    await expect([INTRODUCTION, ...pages].join('\n')).toMatchFileSnapshot(
      '../../../../docs/reference/peer-profiles.md',
    );
  });

  it('name tolerances that there are, and implementations that vendor IDs show', () => {
    const quoted = JSON.stringify(PEER_PROFILES).matchAll(/\(`([a-z]+-[a-z-]+)`\)/g);
    for (const [, name] of quoted) expect(TOLERANCES).toContain(name);
    const shown = new Set([...VENDORS.map(({ name }) => name), 'macOS or iOS', 'Android', 'Cisco, or vpnc', 'Cisco']);
    for (const { known } of Object.values(PEER_PROFILES)) for (const name of known) expect(shown).toContain(name);
  });
});

describe('a peer that cuts HMAC-SHA2-256 to 96 bits', () => {
  it('has every suite with it so, and no other changed', () => {
    for (const suite of ESP_SUITES) {
      const policy = childPolicy('R2', {
        suites: [suite],
        bundles: [{ esp: [suite], ah: [ahSuite('hmac-sha2-256-128')] }],
      });
      const { suites, bundles } = asPeerHasIt(policy, { profile: 'android-l2tp' });
      const expected = suite.name.replace('hmac-sha2-256-128', 'hmac-sha2-256-96');
      expect([suites[0]?.name, bundles?.[0]?.esp?.[0]?.name, bundles?.[0]?.ah?.[0]?.name]).toEqual([
        expected,
        expected,
        'hmac-sha2-256-96',
      ]);
      expect(asPeerHasIt(policy, { profile: 'apple' })).toBe(policy);
    }
  });

  it('agrees with one that has them so in its suites, whenever the child was added', () => {
    const [whole, cut] = ['128', '96'].map((bits) => espSuite(`aes-128-cbc/hmac-sha2-256-${bits}`));
    if (whole === undefined || cut === undefined) return expect.unreachable('there are both');
    const pair = new Pair({
      R2: { profile: 'android-l2tp', children: [childPolicy('R2', { suites: [whole] })] },
      R3: { children: [childPolicy('R3', { suites: [cut] })] },
    });
    pair.on('R2', (endpoint, now) => endpoint.replaceChild(now, 'R3', childPolicy('R2', { suites: [whole] })));
    pair.initiate().run(seconds(1));
    for (const node of pair.nodes) {
      expect(node.of('child-established')[0]?.child.protections).toMatchObject([{ suite: { name: cut.name } }]);
    }
  });
});

describe('vendor IDs', () => {
  const vendor = (hex: string): Payload => ({ kind: 'vendor-id', data: fromHex(hex) });
  const seen = (...ids: readonly string[]): unknown => {
    const peer = new HandMadePeer();
    expect(peer.mainMode({ 1: (payloads) => [...payloads, ...ids.map(vendor)] })).toBe(true);
    return peer.events.find(({ kind }) => kind === 'implementation-known');
  };
  const { ciscoUnity, xauth, deadPeerDetection, natTraversal } = VENDOR_ID;

  it.each<[string, readonly string[], string | undefined, string | undefined]>([
    ['Windows 7', ['1e2b516905991c7d7c96fcbfb587e46100000007'], 'Windows 7', 'windows-l2tp'],
    ['a later Windows', ['1e2b516905991c7d7c96fcbfb587e46100000042'], 'Windows', 'windows-l2tp'],
    ['strongSwan', [natTraversal, '882fe56d6fd20dbc2251613b2ebe5beb'], 'strongSwan', 'strongswan'],
    ['libreswan of some version', ['4f454e5f52685050487b645e'], 'libreswan, Openswan or FreeS/WAN', 'libreswan'],
    ['a FortiGate with its version', ['8299031757a36082c6a621de000502e0'], 'FortiGate', 'fortigate'],
    ['Unity of another version', ['12f5f28c457168a9702d9fe274cc0204', xauth], 'Cisco, or vpnc', 'vpnc'],
    ['Unity alone', [ciscoUnity], 'Cisco', 'cisco-ios'],
    ['extensions that anybody speaks', [natTraversal, deadPeerDetection], undefined, undefined],
    ['nothing', [], undefined, undefined],
  ])('name an implementation, and its profile: %s', (_name, ids, implementation, profile) => {
    const expected = { kind: 'implementation-known', peer: 'R2', implementation, profile };
    expect(seen(...ids)).toEqual(implementation === undefined ? undefined : expected);
  });

  it('stand in the table with a longer prefix before a shorter one, in lower case', () => {
    for (const [i, { prefix }] of VENDORS.entries()) {
      expect(prefix).toMatch(/^([0-9a-f]{2})+$/);
      for (const later of VENDORS.slice(i + 1)) expect(later.prefix.startsWith(prefix)).toBe(false);
    }
  });
});

describe('a peer that drops its children with an old IKE SA', () => {
  it.each([
    ['apple', 0],
    ['strongswan', 1],
  ] as const)('hears of no Delete when that was renewed: %s', (profile, deletes) => {
    const pair = new Pair({ R2: { profile }, R3: {} }).initiate();
    pair.run(seconds(1));
    pair.on('R2', (endpoint, now) => endpoint.rekeyIke(now, 'R3'));
    pair.run(seconds(1));
    const before = pair.sent.length;
    pair.run(seconds(60));
    const told = pair.sent
      .slice(before)
      .filter(({ transmit }) => decodeHeader(transmit.octets).exchange === EXCHANGE.informational);
    expect(told).toHaveLength(deletes);
    expect(pair.R2.endpoint.ikeSas()).toHaveLength(1);
  });
});
