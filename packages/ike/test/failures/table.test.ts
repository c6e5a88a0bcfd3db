import { ahSuite, espSuite } from '@espalier/crypto';
import {
  type ChildPolicy,
  type FailureEvent,
  formatFailure,
  type IkeProposal,
  type IpsecMode,
  type ProtectionBundle,
  privateGroupNumber,
} from '@espalier/ike';
import { fromAscii, ipv4AddressId, ipv4SubnetId, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { childPolicy, type Network, type Node, Pair, type PairOptions, R2, R3, type Side } from '../support/pair.ts';
import { privateKeyOf, type Signing, signing } from '../support/signing.ts';
import { Road, type RoadOptions } from '../transaction/road.ts';

/** A way to fail, for docs/reference/failures.md: what is wrong, why it shows as it does, and what to do. */
interface Row {
  readonly title: string;
  readonly why: string;
  readonly todo: string;
  /** Both ends until nothing more comes of it; R2 begins. */
  readonly provoke: () => Pair;
  /** The initiator is no program of ours: what it says is not shown. */
  readonly isForeign?: true;
  /** What each side must say, among other things. */
  readonly R2?: readonly string[];
  readonly R3?: readonly string[];
}

const AES: IkeProposal = {
  encryption: 'aes-cbc',
  keyOctets: 16,
  hash: 'sha2-256',
  group: 14,
  authentication: 'pre-shared-key',
};
const DES3: IkeProposal = { encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' };
/** The version, and the last octet of the DOI, in a message that begins with an SA payload. */
const VERSION_AT = 17;
const DOI_AT = 35;
const AH_AND_ESP: ProtectionBundle = { ah: [ahSuite('hmac-sha1-96')], esp: [espSuite('3des-cbc/hmac-sha1-96')] };
const OTHER_KEY = fromAscii('netscreen');

/** A child for the gateways themselves. */
function gateways(side: Side, mode: IpsecMode): ChildPolicy {
  const [r2, r3] = [ipv4AddressId(R2.address), ipv4AddressId(R3.address)];
  const [localIdentity, remoteIdentity] = side === 'R2' ? [r2, r3] : [r3, r2];
  return childPolicy(side, { mode, localIdentity, remoteIdentity });
}

function between(options: PairOptions): () => Pair {
  return () => new Pair(options).initiate().run(seconds(200));
}

/** Nothing arrives that `isLost` says. */
function losing(isLost: (flight: Parameters<Network>[0]) => boolean): Network {
  return (flight) => (isLost(flight) ? [] : [10]);
}

/** Answers each question with no key at all. */
function withoutKey(side: Side): () => Pair {
  return () => {
    const pair = new Pair({ [side]: { preSharedKey: 'ask' } }).initiate().run(seconds(1));
    for (let question = pair[side].endpoint.pollQuestion(); question; question = pair[side].endpoint.pollQuestion()) {
      const { id } = question;
      pair.on(side, (endpoint, now) => endpoint.answer(now, id, { kind: 'shared-key', key: undefined }));
    }
    return pair.run(seconds(200));
  };
}

/** Both sign, and R3 asks whose the certificates of R2 are, which says what R2 has not sent. */
function signed(ofR2: Signing, reason: string): () => Pair {
  return () => {
    const pair = new Pair({
      R2: signing('R2', ofR2),
      R3: signing('R3', { asks: { sign: false, verify: true } }),
    }).initiate();
    for (let i = 0; i < 10; i++) {
      pair.run(seconds(20));
      const question = pair.R3.endpoint.pollQuestion();
      if (question === undefined) continue;
      pair.on('R3', (endpoint, now) => endpoint.answer(now, question.id, { kind: 'verify-chain', reason }));
    }
    return pair;
  };
}

/** R2 is a client on the road, and R3 its gateway. */
function onTheRoad(options: RoadOptions, answering: Road['answering'] = () => undefined): () => Pair {
  return () => Object.assign(new Road(options), { answering }).initiate().run(seconds(220));
}

/** R3 gets message 1 of R2 altered; or R2 gets message 2. */
function altered(index: 0 | 1, alter: (octets: Uint8Array) => Uint8Array): () => Pair {
  return () => {
    const pair = new Pair({ network: losing((flight) => flight.index >= index) }).initiate().run(seconds(0.5));
    const octets = pair.sent[index]?.transmit.octets ?? expect.fail('not sent');
    pair.inject(index === 0 ? 'R3' : 'R2', alter(octets));
    return pair.run(seconds(200));
  };
}

function withOctet(octets: Uint8Array, at: number, value: number): Uint8Array {
  const copy = octets.slice();
  copy[at] = value;
  return copy;
}

/** A copy with the first `from` replaced. */
function replaced(octets: Uint8Array, from: readonly number[], to: readonly number[]): Uint8Array {
  const at = octets.findIndex((_, i) => from.every((octet, k) => octets[i + k] === octet));
  if (at < 0) expect.fail('not there');
  const copy = octets.slice();
  copy.set(to, at);
  return copy;
}

const ROWS: readonly Row[] = [
  {
    title: 'The pre-shared keys differ',
    why: 'Message 5 of Main Mode is the first that the key encrypts. The responder cannot tell a wrong key from a damaged message, and says nothing to anybody it cannot authenticate; so the initiator hears nothing.',
    todo: 'Compare the keys, to the last character: a space at the end, quotation marks and the encoding count.',
    provoke: between({ R3: { preSharedKey: OTHER_KEY } }),
    R2: ['message 5', 'keys differ'],
    R3: ['keys differ', 'R2'],
  },
  {
    title: 'The pre-shared keys differ, in Aggressive Mode',
    why: 'The responder proves first that it knows the key. The initiator finds that proof wrong, and waits only a little for a better one.',
    todo: 'Compare the keys, to the last character.',
    provoke: between({ R2: { mode: 'aggressive' }, R3: { mode: 'aggressive', preSharedKey: OTHER_KEY } }),
    R2: ['keys differ', 'R3'],
    R3: ['message 2', 'keys differ'],
  },
  {
    title: 'No phase 1 proposal in common',
    why: 'Each proposal has to agree in every attribute but the lifetime. The responder says NO-PROPOSAL-CHOSEN in clear, which anybody could have said; so the initiator waits for a real answer, but not for long.',
    todo: 'The responder names the two that are nearest, and in what they differ: change that at one side.',
    provoke: between({ R2: { proposals: [DES3, { ...AES, group: 2 }] }, R3: { proposals: [AES] } }),
    R2: ['NO-PROPOSAL-CHOSEN', 'aes-cbc-128, sha2-256, group 2'],
    R3: ['group (peer: 2, here: 14)'],
  },
  {
    title: 'The initiator is not whom the responder expects',
    why: 'The key is right, and the identity in message 5 is not the one that is configured for the peer: by default that is its address.',
    todo: "Set the identity of the initiator to what the responder expects, or the responder's expectation to what comes.",
    provoke: between({ R2: { localIdentity: ipv4AddressId('192.0.2.9') } }),
    R2: ['INVALID-ID-INFORMATION', 'this side says it is: ID_IPV4_ADDR 192.0.2.9'],
    R3: ['peer says it is: ID_IPV4_ADDR 192.0.2.9', 'expected here: ID_IPV4_ADDR 10.1.15.1'],
  },
  {
    title: 'The responder is not whom the initiator expects',
    why: 'The responder is done when it sends message 6, and knows nothing of the refusal: its IKE SA stays until it is deleted or found dead.',
    todo: "Set the identity of the responder to what the initiator expects, or the initiator's expectation to what comes.",
    provoke: between({ R3: { localIdentity: ipv4AddressId('192.0.2.9') } }),
    R2: ['peer says it is: ID_IPV4_ADDR 192.0.2.9', 'expected here: ID_IPV4_ADDR 10.1.15.2'],
  },
  {
    title: 'The identity is unknown, in Aggressive Mode',
    why: 'The first message names the initiator, and nobody of that name is configured. Strangers are not answered.',
    todo: 'As above.',
    provoke: between({
      R2: { mode: 'aggressive', localIdentity: ipv4AddressId('192.0.2.9') },
      R3: { mode: 'aggressive' },
    }),
    R2: ['message 1 of Aggressive Mode', 'identity'],
    R3: ['peer says it is: ID_IPV4_ADDR 192.0.2.9', 'expected here: ID_IPV4_ADDR 10.1.15.1'],
  },
  {
    title: 'The initiator has no key',
    why: "The key was asked for (`preSharedKey: 'ask'`), and the answer was that there is none. The responder sees that message 5 never comes.",
    todo: 'Configure the key, or answer the question.',
    provoke: withoutKey('R2'),
    R2: ['no pre-shared key is known', 'Here: configure the key of R3'],
    R3: ['message 4'],
  },
  {
    title: 'The responder has no key',
    why: 'As before, at the other side. The initiator sees that message 4 never comes.',
    todo: 'Configure the key, or answer the question.',
    provoke: withoutKey('R3'),
    R2: ['message 3'],
    R3: ['no pre-shared key is known', 'Here: configure the key of R2'],
  },
  {
    title: 'A signature is made by another key than the peer knows',
    why: 'The key of one side was renewed, or the other side is configured with a wrong one. Who finds the signature wrong tells nobody: it cannot know who sent it.',
    todo: 'Compare the public key of the one side with what the other is configured with.',
    provoke: between({
      R2: signing('R2', { credentials: { privateKey: privateKeyOf('R3', 'rsa-signature') } }),
      R3: signing('R3'),
    }),
    R2: ['message 5', 'does not believe'],
    R3: ['its signature does not verify', 'Another key has made it'],
  },
  {
    title: 'A signature is made by another key, in Aggressive Mode',
    why: 'Here the responder signs first, and the initiator finds it wrong.',
    todo: 'Compare the public key of the one side with what the other is configured with.',
    provoke: between({
      R2: signing('R2', { mode: 'aggressive' }),
      R3: signing('R3', { mode: 'aggressive', credentials: { privateKey: privateKeyOf('R2', 'rsa-signature') } }),
    }),
    R2: ['its signature does not verify', 'Another key has made it'],
    R3: ['message 2', 'does not believe'],
  },
  {
    title: 'A certificate is not believed',
    why: 'It is expired, revoked, for somebody else, or by an authority that is not trusted: whoever verifies it says which, and why.',
    todo: 'Renew the certificate that is named, or trust the authority that issued it.',
    provoke: signed({}, 'certificate 1 (CN=r2.example.org) has expired on 2026-01-31'),
    R2: ['message 5', 'does not believe'],
    R3: [
      'its certificates are not accepted',
      'it sent a certificate; here: certificate 1 (CN=r2.example.org) has expired on 2026-01-31',
    ],
  },
  {
    title: 'No certificate is sent',
    why: 'A peer sends its certificates where it is asked for them, or always, or never, as it is configured.',
    todo: 'Set the peer to send its certificate, or give it to this side beforehand.',
    provoke: signed({ credentials: { sendCertificates: 'never' } }, 'none is known for r2.example.org'),
    R2: ['message 5', 'does not believe'],
    R3: ['it sent no certificate', 'send_cert'],
  },
  {
    title: 'The traffic selectors differ',
    why: "IKEv1 does not narrow: the responder needs a child for exactly the two subnets that the initiator asks for. 'Here' and 'at the peer' are each from the side of who says it.",
    todo: 'Name the same two subnets at both sides, each the other way round.',
    provoke: between({ R2: { children: [childPolicy('R2', { remoteIdentity: ipv4SubnetId('10.9.9.0/24') })] } }),
    R2: ['INVALID-ID-INFORMATION', 'asked for: 10.1.12.0/24 here, 10.9.9.0/24 at the peer'],
    R3: ['10.9.9.0/24 here, 10.1.12.0/24 at the peer', 'net: 10.1.56.0/24 here, 10.1.12.0/24 at the peer'],
  },
  {
    title: 'No suite in common',
    why: 'The IKE SA is there, so what the responder says is authenticated, and ends the attempt at once.',
    todo: 'The responder names the two that are nearest, and in what they differ: change that at one side.',
    provoke: between({
      R3: { children: [childPolicy('R3', { suites: [espSuite('aes-256-cbc/hmac-sha2-256-128')] })] },
    }),
    R2: ['NO-PROPOSAL-CHOSEN', 'Quick Mode', 'offered here: esp 3des, hmac-sha1'],
    R3: ['encryption (peer: 3des, here: aes-cbc)'],
  },
  {
    title: 'Perfect forward secrecy at one side only',
    why: 'With PFS the group is one more attribute that has to agree.',
    todo: 'Name the same group at both sides, or none.',
    provoke: between({ R3: { children: [childPolicy('R3', { pfsGroup: 2 })] } }),
    R2: ['NO-PROPOSAL-CHOSEN', 'no PFS'],
    R3: ['PFS group (peer: none, here: 2)'],
  },
  {
    title: 'Tunnel mode at one side, transport mode at the other',
    why: 'The encapsulation mode is one more attribute that has to agree; behind a NAT both have other numbers.',
    todo: 'Set both sides to the same mode.',
    provoke: between({
      R2: { children: [gateways('R2', 'transport')] },
      R3: { children: [gateways('R3', 'tunnel')] },
    }),
    R2: ['NO-PROPOSAL-CHOSEN', 'esp 3des, hmac-sha1, transport'],
    R3: ['encapsulation (peer: transport, here: tunnel)'],
  },
  {
    title: 'Transport mode for more than the gateways',
    why: 'In transport mode a gateway speaks for its own address alone. A subnet is refused, whatever the policy would take.',
    todo: 'Name the addresses of the gateways, or set both sides to tunnel mode.',
    provoke: between({
      R2: { children: [childPolicy('R2', { mode: 'transport' })] },
      R3: { children: [childPolicy('R3', { mode: 'transport' })] },
    }),
    R2: ['INVALID-ID-INFORMATION'],
    R3: ['no traffic selectors in common', 'for the gateways alone'],
  },
  {
    title: 'AH and ESP at one side, ESP alone at the other',
    why: 'Protocols that are wanted together are agreed on together, or not at all.',
    todo: 'Allow the same bundle at both sides.',
    provoke: between({
      R2: { children: [childPolicy('R2', { suites: [], bundles: [AH_AND_ESP] })] },
    }),
    R2: ['NO-PROPOSAL-CHOSEN', 'bundle esp and ah'],
    R3: ['bundle (peer: esp and ah, here: none)'],
  },
  {
    title: 'AH through a NAT',
    why: 'AH covers the addresses, which the NAT changes, and no form of it goes in UDP (RFC 3947). The initiator knows of the NAT when phase 1 is done, and offers nothing.',
    todo: 'Allow ESP alone; where there is no NAT, see why one was found: with `force` this side claims one.',
    provoke: between({
      R2: { natTraversal: 'force', children: [childPolicy('R2', { suites: [], bundles: [AH_AND_ESP] })] },
      R3: { children: [childPolicy('R3', { suites: [], bundles: [AH_AND_ESP] })] },
    }),
    R2: ['ah-behind-nat', 'AH does not pass a NAT'],
  },
  {
    title: 'A group for PFS that is not agreed on',
    why: 'A number from 32,768 on is a group only under an IKE SA under which New Group Mode has given it one (RFC 2409 §5.6). The initiator has none by it, and offers nothing.',
    todo: 'Ask for the group once there is an IKE SA (`newGroup`): children in it wait for the answer, and it is asked for again by itself under the next.',
    provoke: between({ R2: { children: [childPolicy('R2', { pfsGroup: privateGroupNumber(0x8001) })] } }),
    R2: ['group-not-agreed', 'ask for the group'],
  },
  {
    title: "The initiator's address is not configured",
    why: 'The responder finds a peer by the address that the first message comes from. Strangers are not answered.',
    todo: "Correct the address at the responder; behind a NAT it is the NAT's, or the peer is to be a template.",
    provoke: between({ R3: { remote: { address: '10.1.15.77', port: 500 } } }),
    R2: ['message 1', 'not know'],
    R3: ['10.1.15.1, which is no peer', 'R2 at 10.1.15.77'],
  },
  {
    title: 'Aggressive Mode is asked for where Main Mode is configured',
    why: 'Aggressive Mode is answered only for a peer that is configured for it.',
    todo: 'Use Main Mode. Aggressive Mode lets anybody who asks guess the key off-line: see SECURITY.md.',
    provoke: between({ R2: { mode: 'aggressive' } }),
    R2: ['message 1 of Aggressive Mode', 'may refuse Aggressive Mode'],
    R3: ['asks for Aggressive Mode', 'R2 in Main Mode'],
  },
  {
    title: 'Main Mode is asked for where Aggressive Mode is configured',
    why: 'The other way round.',
    todo: 'Use Main Mode at both.',
    provoke: between({ R3: { mode: 'aggressive' } }),
    R2: ['message 1 of Main Mode'],
    R3: ['asks for Main Mode', 'R2 in Aggressive Mode'],
  },
  {
    title: 'The user’s password is wrong',
    why: 'Phase 1 is done: the group and its key are right. XAuth then asks who the user is, at most three times.',
    todo: 'Type the password again; at the gateway, look whether it knows the user.',
    provoke: onTheRoad({ user: { password: fromAscii('netscreen') } }),
    R2: ['xauth-failed', 'password'],
    R3: ['xauth-failed', 'password'],
  },
  {
    title: 'Nobody says who the user is',
    why: 'The client was asked for a user name and a password, and has none: it says so to the gateway.',
    todo: 'Configure both at the client, or answer when credentials are asked for.',
    provoke: onTheRoad({ R2: { xauth: { side: 'user' } } }, ({ kind }) =>
      kind === 'credentials' ? { kind } : undefined,
    ),
    R2: ['no-credentials', 'xauth.userName'],
    R3: ['xauth-failed'],
  },
  {
    title: 'The gateway has no address for the client',
    why: 'The user is accepted. The pool of the gateway is spent, or has no address of the family that is asked for.',
    todo: 'Make the pool larger; leases come back when the last SA of a client ends.',
    provoke: onTheRoad({}, ({ kind }) => (kind === 'lease' ? { kind, lease: undefined } : undefined)),
    R2: ['no-lease', 'pool'],
  },
  {
    title: 'The client waits for an address, and the gateway to be asked for one',
    why: 'In Mode Config either the client asks (pull) or the gateway tells (push): both sides have to mean the same.',
    todo: 'Set both to pull, or both to push. A gateway here that pushes answers a client that asks, too.',
    provoke: onTheRoad({ method: 'push', R3: { modeConfig: { side: 'gateway' } } }),
    R2: ['does not begin Mode Config', 'pull'],
  },
  {
    title: 'Nothing reaches the peer',
    why: 'A request is repeated after 0.5, 1, 2 and then every 4 seconds, seven times; 4 seconds after that it has failed.',
    todo: 'Check the address, the route, and that UDP ports 500 and 4500 pass every firewall, in both directions.',
    provoke: between({ network: losing(({ from }) => from === 'R2') }),
    R2: ['message 1', 'UDP port 500'],
  },
  {
    title: 'Nothing comes back from the responder',
    why: 'What the initiator sees is the same; the responder sees that its answers lead to nothing.',
    todo: 'As before, in the other direction. Where nobody tries to connect it was a scanner: nothing is to be done.',
    provoke: between({ network: losing(({ from }) => from === 'R3') }),
    R2: ['message 1'],
    R3: ['message 2', 'do not reach it'],
  },
  {
    title: 'UDP port 4500 is blocked',
    why: 'Where there is a NAT, or one is feigned, message 5 and all after it go over port 4500. It looks like a wrong key.',
    todo: 'Let UDP port 4500 pass.',
    provoke: between({
      R2: { natTraversal: 'force' },
      network: losing(({ transmit }) => transmit.source.port === 4500),
    }),
    R2: ['message 5', 'UDP port 4500'],
    R3: ['message 4', 'UDP port 4500'],
  },
  {
    title: 'The peer has lost the IKE SA',
    why: 'It was restarted, or it has deleted the IKE SA and the message was lost: messages under an unknown SA are not answered.',
    todo: 'Nothing: the next attempt begins with phase 1. Dead peer detection notices it sooner.',
    provoke: between({ network: losing(({ index }) => index >= 6) }),
    R2: ['message 1 of Quick Mode', 'lost the IKE SA'],
  },
  {
    title: 'The peer speaks IKEv2',
    why: 'IKEv2 is another protocol on the same port. Most peers begin with it unless they are told otherwise.',
    todo: 'Set the peer to IKEv1 for this connection.',
    isForeign: true,
    provoke: altered(0, (octets) => withOctet(octets, VERSION_AT, 0x20)),
    R3: ['IKEv2', 'At the peer'],
  },
  {
    title: 'A first message that is none',
    why: 'Its payloads do not add up, or it was damaged on the way.',
    todo: 'If it comes again and again, look at what sends it: `decode-capture` reads a capture.',
    isForeign: true,
    provoke: altered(0, (octets) => withOctet(octets, DOI_AT, 9)),
    R3: ['doi', 'At the peer'],
  },
  {
    title: 'The responder chooses what was not offered',
    why: 'A fault of the peer, or somebody has altered its answer on the way.',
    todo: 'Report it to whoever makes the peer.',
    provoke: altered(1, (octets) => replaced(octets, [0x80, 0x04, 0x00, 0x02], [0x80, 0x04, 0x00, 0x05])),
    R2: ['chose what was not offered', 'group (peer: 5, here: 2)'],
    R3: ['message 2'],
  },
];

/** What one side says, once each; that a child failed for want of an IKE SA says nothing more. */
function textsOf(node: Node): readonly string[] {
  const events: readonly FailureEvent[] = [...node.news, ...node.of('ike-failed'), ...node.of('child-failed')];
  const telling = events.filter((event) => event.kind !== 'child-failed' || event.phase === 2);
  return [...new Set(telling.map(formatFailure))];
}

const PROVOKED = ROWS.map((row) => {
  const pair = row.provoke();
  return { row, R2: row.isForeign ? [] : textsOf(pair.R2), R3: textsOf(pair.R3) };
});

describe('what went wrong', () => {
  describe.each(PROVOKED)('$row.title', ({ row, R2: initiator, R3: responder }) => {
    it('is said by either side, as far as it can know', () => {
      for (const part of row.R2 ?? []) expect(initiator.join('\n')).toContain(part);
      for (const part of row.R3 ?? []) expect(responder.join('\n')).toContain(part);
      expect(initiator.length > 0).toBe(row.R2 !== undefined);
      expect(responder.length > 0).toBe(row.R3 !== undefined);
    });

    it('is said in at most five lines, with a side at which to do something, and no secret', () => {
      for (const text of [...initiator, ...responder]) {
        const lines = text.split('\n');
        expect(lines.length).toBeLessThanOrEqual(5);
        expect(lines.at(-1)).toMatch(/^ {2}(Here|Either side|At the peer|On the way): /);
        expect(text).not.toMatch(/juniper|netscreen|6a756e69|6e657473/);
        expect(text).not.toContain('undefined');
      }
    });
  });

  it('is in docs/reference/failures.md as it is said (vitest -u writes it anew)', async () => {
    await expect([INTRODUCTION, table(), ...PROVOKED.map(section)].join('\n')).toMatchFileSnapshot(
      '../../../../docs/reference/failures.md',
    );
  });
});

const INTRODUCTION = `# When a negotiation fails

What \`udp-gateway\` prints, and \`formatFailure\` of \`@espalier/ike\` gives for the events 'ike-failed', 'child-failed' and
'negotiation-refused': what failed; what came, and what is configured; at which side something is to be done. The same
is in the event's \`detail\`, for programs. Here R2 (${R2.address}) begins and R3 (10.1.15.2) answers. This page is
written by a test that makes each of these things go wrong.

- A responder tells at once what it refuses, and its like once a minute: for each peer and reason, or each address that
  is no peer's; and in all only so many a minute. How many were not told is in the next. What is refused in phase 1 may
  have come from anybody.
- An initiator does not believe what is not authenticated, but tells it; and when nothing else comes it gives up after
  two more repetitions, not five, with that as the reason.
- Both sides know less than an administrator who looks at both: read the other side's log, too. The responder's says
  more, because it does not tell strangers what it allows.
`;

function table(): string {
  const rows = PROVOKED.map(
    ({ row, R2: initiator, R3: responder }) =>
      `| [${row.title}](#${anchor(row.title)}) | ${row.isForeign ? '' : headline(initiator)} | ${headline(responder)} |`,
  );
  return ['| why | what the initiator says | what the responder says |', '|---|---|---|', ...rows, ''].join('\n');
}

function section({ row, R2: initiator, R3: responder }: (typeof PROVOKED)[number]): string {
  const block = (who: string, texts: readonly string[]): readonly string[] =>
    texts.length === 0 ? [`${who} says nothing.`, ''] : [`${who} says:`, '', '```', ...texts, '```', ''];
  return [
    `## ${row.title}`,
    '',
    row.why,
    '',
    ...(row.isForeign ? [] : block('The initiator', initiator)),
    ...block('The responder', responder),
    `What to do: ${row.todo}`,
    '',
  ].join('\n');
}

/** What follows the first colon of the first line. */
function headline(texts: readonly string[]): string {
  return texts.map((text) => text.split('\n')[0]?.replace(/^[^:]*: /, '')).join('; ') || '(nothing)';
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}
