import { espSuite } from '@espalier/crypto';
import { type ChildPolicy, IkeEndpoint, type IkeProposal } from '@espalier/ike';
import { decodeMessage, encodePayloadBody, ipv4SubnetId, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared } from '../../../../test/shared.ts';
import { seededRng } from '../../../../test/support/rng.ts';
import { all, only } from '../../src/exchange/rules.ts';
import { findNats, type NatFindings } from '../../src/nat/discovery.ts';
import { NAT_METHODS } from '../../src/nat/methods.ts';
import type { Path } from '../../src/path.ts';
import { DEFAULT_TERMS } from '../../src/terms.ts';
import { readInitialContact } from '../../src/v1/informational/initial-contact.ts';
import { probeNotification, readProbe } from '../../src/v1/informational/probe.ts';
import { readExtensions } from '../../src/v1/phase1/extensions.ts';
import type { Phase1Context } from '../../src/v1/phase1/phase1.ts';
import { choosePhase2 } from '../../src/v1/proposals/phase2.ts';
import { Capture, type CapturedMessage } from '../support/capture.ts';
import { cheapEngine } from '../support/cheap-engine.ts';
import { childPolicy, peerConfig, START } from '../support/pair.ts';
import { messageAt, type RecordedMessage } from '../support/recorded.ts';

type Behind = Pick<NatFindings, 'isLocalBehind' | 'isRemoteBehind'>;

interface Case {
  readonly name: string;
  readonly proposal: Omit<IkeProposal, 'authentication'>;
  readonly policy: Partial<ChildPolicy>;
  /** What the responder finds in message 3; strongSwan with its ESP in user land claims a NAT before itself. */
  readonly atResponder: Behind;
  /** What the initiator finds in message 4, knowing its own address as `inside`. */
  readonly atInitiator: Behind;
  readonly inside: string;
  readonly initialContact: boolean;
}

const SEED = { encryption: '3des-cbc', hash: 'sha1', group: 2 } as const;
const CLAIM = { isLocalBehind: false, isRemoteBehind: true };
const SEED_POLICY = { suites: [espSuite('3des-cbc/hmac-sha1-96')] };
const TOWARDS = { localIdentity: ipv4SubnetId('10.1.56.0/24'), remoteIdentity: ipv4SubnetId('10.1.12.0/24') };

const STRONGSWAN: Omit<Case, 'name'> = {
  proposal: SEED,
  policy: { ...SEED_POLICY, ...TOWARDS },
  atResponder: CLAIM,
  atInitiator: CLAIM,
  inside: '10.1.15.1:500',
  initialContact: true,
};

const CASES: readonly Case[] = [
  { ...STRONGSWAN, name: 'main-psk-3des-sha1-modp1024' },
  {
    ...STRONGSWAN,
    name: 'main-psk-aes128-sha256-modp2048-pfs',
    proposal: { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 14 },
    policy: { ...TOWARDS, suites: [espSuite('aes-128-cbc/hmac-sha2-256-128')], pfsGroup: 14 },
  },
  { ...STRONGSWAN, name: 'dpd' },
  { ...STRONGSWAN, name: 'nat', atInitiator: { isLocalBehind: true, isRemoteBehind: true } },
  {
    ...STRONGSWAN,
    name: 'esp-aes128-sha256',
    policy: { ...TOWARDS, suites: [espSuite('aes-128-cbc/hmac-sha2-256-128')] },
  },
  { ...STRONGSWAN, name: 'esp-aes128gcm16', policy: { ...TOWARDS, suites: [espSuite('aes-128-gcm-16')] } },
  {
    ...STRONGSWAN,
    name: 'outer6-inner4',
    inside: 'fd15::1:500',
    policy: { ...TOWARDS, suites: [espSuite('aes-128-cbc/hmac-sha2-256-128')] },
  },
  {
    ...STRONGSWAN,
    name: 'libreswan-initiator',
    proposal: { ...SEED, group: 5 },
    policy: { ...SEED_POLICY, localIdentity: TOWARDS.remoteIdentity, remoteIdentity: TOWARDS.localIdentity },
    // Told to encapsulate in any case, libreswan changes both of its hashes.
    atResponder: { isLocalBehind: true, isRemoteBehind: true },
    inside: '10.1.15.2:500',
    initialContact: false,
  },
];

function endpointFrom(text: string): Path['local'] {
  const colon = text.lastIndexOf(':');
  return { address: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

describe.skipIf(!hasShared).each(CASES)('a real peer: $name', (test) => {
  const capture = new Capture(test.name);
  const sa = capture.sa();
  const cookies = { initiator: sa.initiatorCookie, responder: sa.responderCookie };
  const { sent } = capture;
  const ends = (of: CapturedMessage | undefined): Path => ({
    local: endpointFrom(of?.dst ?? ''),
    remote: endpointFrom(of?.src ?? ''),
  });
  const messages = (): readonly RecordedMessage[] => capture.messagesOf(sa);

  /** What NAT-D of a recorded message say to who received it. */
  function findings(at: number, seen: Path): NatFindings | undefined {
    const natTraversal = { path: seen, methods: NAT_METHODS, force: false };
    const method = readExtensions({ ...noContext, natTraversal }, messageAt(messages(), at % 2).payloads).natMethod;
    if (method === undefined) throw new Error('no method');
    const key = { hash: test.proposal.hash, cookies };
    return findNats({ paths: [seen], force: false }, method, key, messageAt(messages(), at).payloads);
  }
  const noContext: Phase1Context = {
    engine: cheapEngine(),
    rng: seededRng(1),
    proposals: [],
    lifetime: seconds(1),
    localIdentity: ipv4SubnetId('0.0.0.0/0'),
    remoteIdentity: ipv4SubnetId('0.0.0.0/0'),
    peer: 'peer',
    preSharedKey: 'ask',
    sharedKeyPair: () => expect.fail('no Aggressive Mode'),
    nonceOctets: 16,
    isKnownByAddress: true,
    terms: DEFAULT_TERMS,
    initialContact: () => false,
  };

  it('names NAT traversal and DPD among its vendor IDs, on either side', () => {
    for (const at of [0, 1]) {
      const { payloads } = messageAt(messages(), at);
      const extensions = readExtensions(
        { ...noContext, natTraversal: { path: ends(sent[0]), methods: NAT_METHODS, force: false } },
        payloads,
      );
      expect(extensions).toMatchObject({ natMethod: { discovery: 20, udpTunnel: 3 }, deadPeerDetection: true });
    }
  });

  it('has NAT-D in which its NATs, and those that it claims, are found', () => {
    expect(findings(2, ends(sent[2]))).toMatchObject(test.atResponder);
    const atInitiator = { ...ends(sent[3]), local: endpointFrom(test.inside) };
    expect(findings(3, atInitiator)).toMatchObject(test.atInitiator);
  });

  it('gets answers to its messages 1 and 3 from our responder, which then awaits message 5', () => {
    const { local, remote } = ends(sent[0]);
    const endpoint = new IkeEndpoint({
      engine: cheapEngine(),
      rng: seededRng(5),
      peers: [
        {
          ...peerConfig('R3'),
          local,
          remote: { ...remote, port: 500 },
          proposals: [{ ...test.proposal, authentication: 'pre-shared-key' }],
        },
      ],
    });
    const answer = (octets: Uint8Array): Uint8Array => {
      expect(endpoint.handleDatagram(START, remote, local, octets)).toEqual({ ok: true });
      const reply = endpoint.pollTransmit();
      expect(reply).toMatchObject({ source: local, destination: remote });
      return reply?.octets ?? new Uint8Array(0);
    };
    const second = decodeMessage(answer(messageAt(messages(), 0).octets));
    expect(toHex(only(second.payloads, 'sa').body)).toBe(toHex(only(messageAt(messages(), 0).payloads, 'sa').body));
    const third = messageAt(messages(), 2).octets.slice();
    third.set(second.header.responderCookie, 8);
    const fourth = decodeMessage(answer(third));
    expect(fourth.payloads.map(({ kind }) => kind)).toEqual(['ke', 'nonce', 'nat-d', 'nat-d']);
    // Encrypted under keys that we have not: refused, and the negotiation goes on.
    const fifth = messageAt(messages(), 4).octets.slice();
    fifth.set(second.header.responderCookie, 8);
    expect(endpoint.handleDatagram(START, remote, local, fifth).ok).toBe(false);
    expect(endpoint.ikeSas()).toMatchObject([{ state: 'half-open' }]);
  });

  it('says in message 5 whether it is its first contact', () => {
    expect(readInitialContact(messageAt(messages(), 4).payloads, cookies, DEFAULT_TERMS).isSaid).toBe(
      test.initialContact,
    );
  });

  it('offers ESP in UDP where it found a NAT, which is taken there and not without', () => {
    const offer = only(messageAt(messages(), 6).payloads, 'sa');
    const policy = childPolicy('R3', test.policy);
    const nat = findings(3, ends(sent[3]));
    expect(choosePhase2(offer, policy, nat)?.chosen[0]?.suite).toBe(policy.suites[0]);
    expect(choosePhase2(offer, policy)).toBeUndefined();
  });

  it('probes and answers as we do, octet for octet', () => {
    const probes = messages().flatMap(({ payloads }) =>
      all(payloads, 'notification').flatMap((notification) => {
        const probe = readProbe(notification);
        return probe === undefined ? [] : [{ probe, body: notification.body }];
      }),
    );
    expect(probes.length > 0).toBe(test.name === 'dpd');
    for (const [i, { probe, body }] of probes.entries()) {
      expect(toHex(encodePayloadBody(probeNotification(cookies, probe)))).toBe(toHex(body));
      const before = probes.slice(0, i).map((earlier) => earlier.probe);
      if (probe.kind === 'R-U-THERE-ACK') expect(before).toContainEqual({ ...probe, kind: 'R-U-THERE' });
    }
  });
});
