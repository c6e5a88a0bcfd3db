import type { LearnPage } from './page.ts';

export const USERS: LearnPage = {
  file: 'users.md',
  session: { authentication: 'xauth-initiator-pre-shared-key', modeConfig: true },
  hasEsp: false,
  introduction: `# Users: a password, and an address

Phase 1 proves which device or which group is there. Two extensions of IKEv1, both drafts that never became RFCs and that everybody has,
come between phase 1 and phase 2: XAuth asks the user for a name and a password (draft-beaulieu-ike-xauth-02), Mode Config gives the
client an address inside (draft-dukes-ike-mode-cfg-02). Here is one client, as \`@espalier/capture\` reads it with the keys of the session.
This page is written by a test that holds that session.

    client                                           gateway
        │  phase 1: the method says that XAuth follows │
        │◄────────────────────────────────────────────►│
        │  request: name? password?                    │
        │◄─────────────────────────────────────────────┤
        │  reply: name, password                       │
        ├─────────────────────────────────────────────►│   Transaction
        │  set: status OK                              │   exchanges,
        │◄─────────────────────────────────────────────┤   encrypted
        │  ack                                         │
        ├─────────────────────────────────────────────►│
        │  request: address? name servers? ...         │
        ├─────────────────────────────────────────────►│
        │  reply: 10.1.77.1                            │
        │◄─────────────────────────────────────────────┤
        │  Quick Mode, for 10.1.77.1                   │
        │◄────────────────────────────────────────────►│`,
  steps: [
    {
      section: 'Phase 1',
      title: 'Main Mode, with another method',
      says: `The messages are those of [Main Mode](ikev1.md). What differs is the method in the proposals, \`xauth-initiator-pre-shared\`: the initiator
will be asked for a password, so the gateway does nothing else for it until that has passed.`,
      messages: 6,
      isBrief: true,
    },
    {
      section: 'XAuth',
      title: 'The gateway asks',
      says: `A Transaction exchange, exchange 6, under a message ID of its own. The ATTR payload is a request: these attributes are wanted. It may
ask for more than a name and a password: for a code of a token, the answer to a challenge, a new PIN. HASH authenticates it with
SKEYID_a, as in every exchange under an IKE SA.`,
    },
    {
      title: 'The client replies',
      says: `The same attributes, filled in. The password is encrypted as all of this is, and the gateway learns it: whoever can play the gateway
learns it too. With a pre-shared key that is anybody who has the key, so every user of the group; with
[hybrid authentication](../how-to/authenticate/hybrid.md) the gateway has proved itself by a certificate before.`,
    },
    {
      title: 'The gateway says how it went',
      says: `A second exchange: the status is set, 1 for OK. 0 is a refusal, and the gateway deletes the IKE SA.`,
    },
    { title: 'The client acknowledges', says: `And no sooner does the gateway go on.` },
    {
      section: 'Mode Config',
      title: 'The client asks',
      says: `For an address inside, and for all that goes with it: servers of names, networks that are behind the gateway, a banner. Those behind
\`applicationVersion\` are of Cisco Unity, which says by a vendor ID that it has them. (A gateway may also begin, with \`set\` and \`ack\`:
push in the place of pull.)`,
    },
    {
      title: 'The gateway replies',
      says: `With what it has: here an address alone. What it does not know it leaves out.`,
    },
    {
      section: 'Phase 2',
      title: 'Quick Mode, for that address',
      says: `The client's side of the selectors is the one address that it was given.`,
      messages: 3,
    },
    {
      title: 'A sign of life',
      says: `Clients leave without a word: gateways ask (RFC 3706), and give the address to somebody else when nobody answers.`,
      messages: 2,
      isBrief: true,
    },
  ],
  outro: `How to run either end: [users on the road](../how-to/connect/road-warriors.md).`,
};
