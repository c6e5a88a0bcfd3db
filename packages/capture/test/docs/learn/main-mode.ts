import type { LearnPage } from './page.ts';

export const MAIN_MODE: LearnPage = {
  file: 'ikev1.md',
  session: {},
  hasEsp: true,
  introduction: `# How IKEv1 makes a tunnel

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

Read on what each word means in the [glossary](glossary.md).`,
  steps: [
    {
      section: 'Phase 1, Main Mode',
      title: 'Main Mode, message 1: initiator to responder',
      says: `The initiator says what it offers, in clear: proposals of phase 1, each with a cipher, a hash, a group and a method of
authentication; and by vendor IDs what it speaks beside the RFC. Its cookie, eight octets, is its half of the name of this IKE SA.
Nobody has proved anything yet, so a responder keeps as little as it can of such a message (RFC 2409 §5, RFC 2408 §2.5.3).`,
    },
    {
      title: 'Main Mode, message 2: responder to initiator',
      says: `The responder chooses one proposal as it was offered, adds its cookie, and says what it speaks. An initiator refuses what it has
not offered.`,
    },
    {
      title: 'Main Mode, message 3: initiator to responder',
      says: `Key exchange: the initiator's public value of the group (KE) and a nonce. With NAT traversal there are two hashes more (NAT-D,
RFC 3947 §3.2), of the addresses and ports at both ends: who receives them sees whether a NAT has changed any.`,
    },
    {
      title: 'Main Mode, message 4: responder to initiator',
      says: `The responder's public value, its nonce, its NAT-D. Now both can compute the Diffie-Hellman secret, and with the pre-shared key
SKEYID; from that SKEYID_d for the keys of the SAs to come, SKEYID_a for hashes, SKEYID_e for encryption (RFC 2409 §5). All that
follows is encrypted. Where a NAT was found, both go on at port 4500.`,
    },
    {
      title: 'Main Mode, message 5: initiator to responder',
      says: `The initiator's identity, and HASH_I: a PRF under SKEYID over both public values, both cookies, the offer and the identity. Who has
not the pre-shared key cannot make it. The identity is hidden from who only listens; but the responder has had to find the key by
the address alone, for it reads the identity only with that key (RFC 2409 §5.4).`,
    },
    {
      title: 'Main Mode, message 6: responder to initiator',
      says: `The responder's identity and HASH_R. The IKE SA is established: phase 1 is done.`,
    },
    {
      section: 'Phase 2, Quick Mode',
      title: 'Quick Mode, message 1: initiator to responder',
      says: `Quick Mode, phase 2, under a message ID of its own. HASH(1) authenticates the message with SKEYID_a. In the SA payload are the
initiator's suites and the SPI at which it wants to receive; IDci and IDcr say whose packets are meant. A KE would stand here
for perfect forward secrecy (RFC 2409 §5.5).`,
    },
    {
      title: 'Quick Mode, message 2: responder to initiator',
      says: `The responder's choice, its SPI and its nonce. HASH(2) covers the initiator's nonce too, so it is an answer to this very message.
Both can now derive the keys of both directions (KEYMAT), from SKEYID_d, both nonces and the SPI of who receives.`,
    },
    {
      title: 'Quick Mode, message 3: initiator to responder',
      says: `HASH(3) tells the responder that its message has come, and that message 1 was no replay. The two ESP SAs are established: the
responder may send.`,
    },
    {
      section: 'Through the tunnel',
      title: 'ESP, in both directions',
      says: `Packets between 10.1.0.0/16 and 10.2.0.0/16 now go as ESP: bare, for no NAT stands between. Each names its SA by the SPI that its
receiver has chosen above; the keys follow from SKEYID_d, both nonces and that SPI, so nobody has told them to the reader of this
session either. [How a packet goes through ESP](esp.md), octet by octet.`,
      messages: 4,
    },
    {
      title: 'Is the other end still there',
      says: `Nothing has come for a while: one end asks, the other answers (RFC 3706). What else happens in the life of SAs, their renewal and
their end, has [a page of its own](life-of-an-sa.md).`,
      messages: 2,
    },
  ],
  outro: `## What else there is

- [Aggressive Mode](aggressive-mode.md): phase 1 in three messages, and what they give away.
- [Behind a NAT](nat.md): how it is found, and what changes.
- [Users](users.md): a name and a password after phase 1, and an address from the gateway.
- [The life of an SA](life-of-an-sa.md): signs of life, renewal, deletion.
- **IKEv1 is deprecated** (RFC 9395). What new systems speak is IKEv2; this is for those that are there.`,
};
