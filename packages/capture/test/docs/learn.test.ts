import { CaptureReader, framesOf, Observer, readKeys, toText } from '@espalier/capture';
import { captureOf, PLAIN_SESSION, play } from '@espalier/testing/sessions';
import { expect, it } from 'vitest';

const STEPS = [
  `The initiator says what it offers, in clear: proposals of phase 1, each with a cipher, a hash, a group and a method of
authentication; and by vendor IDs what it speaks beside the RFC. Its cookie, eight octets, is its half of the name of this IKE SA.
Nobody has proved anything yet, so a responder keeps as little as it can of such a message (RFC 2409 §5, RFC 2408 §2.5.3).`,
  `The responder chooses one proposal as it was offered, adds its cookie, and says what it speaks. An initiator refuses what it has
not offered.`,
  `Key exchange: the initiator's public value of the group (KE) and a nonce. With NAT traversal there are two hashes more (NAT-D,
RFC 3947 §3.2), of the addresses and ports at both ends: who receives them sees whether a NAT has changed any.`,
  `The responder's public value, its nonce, its NAT-D. Now both can compute the Diffie-Hellman secret, and with the pre-shared key
SKEYID; from that SKEYID_d for the keys of the SAs to come, SKEYID_a for hashes, SKEYID_e for encryption (RFC 2409 §5). All that
follows is encrypted. Where a NAT was found, both go on at port 4500.`,
  `The initiator's identity, and HASH_I: a PRF under SKEYID over both public values, both cookies, the offer and the identity. Who has
not the pre-shared key cannot make it. The identity is hidden from who only listens; but the responder has had to find the key by
the address alone, for it reads the identity only with that key (RFC 2409 §5.4).`,
  `The responder's identity and HASH_R. The IKE SA is established: phase 1 is done.`,
  `Quick Mode, phase 2, under a message ID of its own. HASH(1) authenticates the message with SKEYID_a. In the SA payload are the
initiator's suites and the SPI at which it wants to receive; IDci and IDcr say whose packets are meant. A KE would stand here
for perfect forward secrecy (RFC 2409 §5.5).`,
  `The responder's choice, its SPI and its nonce. HASH(2) covers the initiator's nonce too, so it is an answer to this very message.
Both can now derive the keys of both directions (KEYMAT), from SKEYID_d, both nonces and the SPI of who receives.`,
  `HASH(3) tells the responder that its message has come, and that message 1 was no replay. The two ESP SAs are established: the
responder may send. ESP takes it from here: [how a packet goes through ESP](esp.md).`,
];

it('docs/learn/ikev1.md is a session as the observer reads it (vitest -u writes it anew)', async () => {
  const { pcap, ikev1DecryptionTable, espSa } = captureOf(play({ ...PLAIN_SESSION, seed: 7 }).session);
  const keys = readKeys([
    { name: 'ikev1_decryption_table', text: ikev1DecryptionTable },
    { name: 'esp_sa', text: espSa },
  ]);
  const observer = new Observer({ keys });
  const messages: string[] = [];
  for await (const frames of framesOf([pcap], new CaptureReader()))
    for (const frame of frames) for (const seen of observer.push(frame)) messages.push(toText(seen));
  expect(messages).toHaveLength(STEPS.length);
  const steps = messages.map((text, i) => `### ${title(i)}\n\n${STEPS[i]}\n\n\`\`\`text\n${text.trim()}\n\`\`\``);
  await expect(
    `${[INTRODUCTION, '## Phase 1, Main Mode', ...steps.slice(0, 6), '## Phase 2, Quick Mode', ...steps.slice(6), OUTRO].join('\n\n')}\n`,
  ).toMatchFileSnapshot('../../../../docs/learn/ikev1.md');
});

function title(i: number): string {
  const mode = i < 6 ? 'Main Mode' : 'Quick Mode';
  const message = i < 6 ? i + 1 : i - 5;
  return `${mode}, message ${message}: ${message % 2 === 1 ? 'initiator to responder' : 'responder to initiator'}`;
}

const INTRODUCTION = `# How IKEv1 makes a tunnel

Two gateways that share a pre-shared key agree on keys for ESP over a network that anybody reads and writes. IKEv1 does it in two
phases: the first makes an encrypted channel between the gateways, the **IKE SA**; under that the second makes the SAs that packets
go through, as often as they are needed. Here is one negotiation, message by message, as \`@espalier/capture\` reads it with the keys of
the session. This page is written by a test that holds that session.

    initiator                                      responder
        │  1  proposals, vendor IDs                    │
        ├─────────────────────────────────────────────►│
        │  2  the proposal that is taken               │   in clear
        │◄─────────────────────────────────────────────┤
        │  3  KE, nonce, NAT-D                         │
        ├─────────────────────────────────────────────►│
        │  4  KE, nonce, NAT-D                         │
        │◄─────────────────────────────────────────────┤
        ╞══ both compute SKEYID_d, SKEYID_a, SKEYID_e ══╡
        │  5  identity, HASH_I                         │
        ├─────────────────────────────────────────────►│   encrypted
        │  6  identity, HASH_R                         │
        │◄─────────────────────────────────────────────┤
        ╞══════════ the IKE SA is established ═════════╡
        │  1  HASH(1), suites, SPI, nonce, selectors   │
        ├─────────────────────────────────────────────►│   encrypted,
        │  2  HASH(2), the suite, SPI, nonce           │   Quick Mode
        │◄─────────────────────────────────────────────┤
        │  3  HASH(3)                                  │
        ├─────────────────────────────────────────────►│
        ╞══════════ two ESP SAs are established ═══════╡

Read on what each word means in the [glossary](glossary.md).`;

const OUTRO = `## What comes after

- **Renewal.** SAs have lifetimes, in seconds and in octets. Before one ends a new Quick Mode makes its successor, and both receive for
  a while, so that no packet is lost. An IKE SA is renewed by a new phase 1; its children go over to it.
- **Delete and notify.** An Informational exchange, under the IKE SA, tells that an SA is gone, or that something is wrong.
- **Dead peer detection** (RFC 3706) asks a silent peer for a sign of life.
- **Aggressive Mode** does phase 1 in three messages: identities are in clear, and with a pre-shared key whoever has listened can try
  keys for ever. Main Mode is the one to use.
- **IKEv1 is deprecated** (RFC 9395). What new systems speak is IKEv2; this is for those that are there.`;
