import type { LearnPage } from './page.ts';

export const AGGRESSIVE_MODE: LearnPage = {
  file: 'aggressive-mode.md',
  session: { mode: 'aggressive' },
  hasEsp: false,
  introduction: `# Aggressive Mode: phase 1 in three messages

[Main Mode](ikev1.md) takes six messages: first the proposals, then the public values, then the identities, encrypted. Aggressive Mode
(RFC 2409 §5.4) puts all that an end has to say into its first message. It is quicker by three messages; what it costs is shown here,
in one negotiation as \`@espalier/capture\` reads it with the keys of the session. This page is written by a test that holds that session.

    initiator                                      responder
        │  1  proposals, KE, nonce, identity           │
        ├─────────────────────────────────────────────►│   in clear
        │  2  one proposal, KE, nonce, identity, HASH_R│
        │◄─────────────────────────────────────────────┤   in clear
        ╞══ both compute SKEYID_d, SKEYID_a, SKEYID_e ══╡
        │  3  HASH_I                                   │
        ├─────────────────────────────────────────────►│
        ╞══════════ the IKE SA is established ═════════╡`,
  steps: [
    {
      section: 'Phase 1',
      title: 'Message 1: initiator to responder',
      says: `Proposals, a public value, a nonce and the identity, before anything is known of the other end. The public value belongs to one
group, so all proposals have that group: it cannot be negotiated. The identity goes in clear, and so a responder can look up the
pre-shared key by it, whatever address the initiator comes from: that is why Aggressive Mode is met at all, with users on the road.`,
    },
    {
      title: 'Message 2: responder to initiator',
      says: `The responder's choice, its own values and identity, and HASH_R, which proves that it has the key. It gives that proof to whoever has
asked, before the initiator has proved anything. HASH_R is a PRF over what stands here in clear; all that is missing is the
pre-shared key. So whoever has these two messages, by listening or by asking, can try one key after the other on a machine of his
own, and nobody notices (CVE-2002-1623). A key that a person can remember does not survive that.`,
    },
    {
      title: 'Message 3: initiator to responder',
      says: `HASH_I. It may go in clear or, as here, under the encryption that both ends have by now (RFC 2409 §5). Only now does the responder
know that the initiator has the key.`,
    },
    {
      title: 'What had no place: INITIAL-CONTACT',
      says: `In Main Mode a notification goes along with message 5. Here it follows by itself, in an Informational exchange under the new IKE SA:
the initiator has no other SAs with this peer, so what is left of earlier ones may go (RFC 2407 §4.6.3.3).`,
    },
    {
      section: 'Phase 2',
      title: 'Quick Mode, as ever',
      says: `What follows phase 1 does not depend on how that was done: [the three messages of Quick Mode](ikev1.md#phase-2-quick-mode), then ESP.`,
      messages: 3,
      isBrief: true,
    },
    {
      title: 'A sign of life',
      says: `One end asks whether the other is there, and is answered (RFC 3706).`,
      messages: 2,
      isBrief: true,
    },
  ],
  outro: `## What to do instead

- Main Mode with a key for each address, where addresses are known.
- [Certificates](../how-to/authenticate/certificates.md), or [hybrid authentication](../how-to/authenticate/hybrid.md) for users: there the hash is replaced by a
  signature, and there is nothing to guess.
- Where it must be: a random key of 128 bits or more, a different one for each peer. [An assessment](../reference/captures.md) of a
  capture with Aggressive Mode and a pre-shared key says so first.`,
};
