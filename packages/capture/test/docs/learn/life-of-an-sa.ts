import type { LearnPage } from './page.ts';

export const LIFE_OF_AN_SA: LearnPage = {
  file: 'life-of-an-sa.md',
  session: {
    acts: [
      { by: 'left', act: 'probe' },
      { by: 'left', act: 'renew-child' },
      { by: 'left', act: 'renew-ike' },
      { by: 'left', act: 'delete-child' },
      { by: 'right', act: 'close' },
    ],
  },
  hasEsp: false,
  introduction: `# The life of an SA

A tunnel that stands does not stand for ever: keys wear out, peers go away, somebody closes. Here is what goes over the wire then, in one
session as \`@espalier/capture\` reads it with its keys. This page is written by a test that holds that session.

    IKE SA   ├──────────────────────────────────────────────────────────┤
    renewed                            ├────────────────────────────────┤
    child        ├──────────────────────────────────────────────────────┤
    renewed                ├─────────────────────────┤
             ·   ·    ·    ·           ·             ·                  ·
           Main Quick R-U- Quick     Main          Delete,            Delete,
           Mode Mode THERE Mode      Mode          of a child         of the rest

An SA has two lifetimes, in seconds, and in octets or packets as well. At the soft one its successor is negotiated; at the hard one it
is used no more. The soft one of the initiator comes some time before that of the responder, so that not both begin at once.`,
  steps: [
    {
      section: 'How it began',
      title: 'Main Mode and Quick Mode',
      says: `An IKE SA and one child, [message by message](ikev1.md).`,
      messages: 9,
      isBrief: true,
    },
    {
      section: 'Signs of life',
      title: 'R-U-THERE',
      says: `ESP has no answer: who sends into a tunnel whose other end has lost its SAs sends into a hole. So an end that has received nothing for a
while asks (RFC 3706 §5.4), with a number that goes up by one each time. It is one message under the IKE SA, encrypted and
authenticated: nobody on the way can ask, or answer, in its place.`,
    },
    {
      title: 'R-U-THERE-ACK',
      says: `The answer is a message of its own, with a message ID of its own, and the same number. Where none comes, the question is repeated a few
times; then the peer is taken for dead, and its SAs go.`,
    },
    {
      section: 'Renewal of a child',
      title: 'Quick Mode, message 1',
      says: `A Quick Mode as the first, under the IKE SA that is there. Nothing in it says that it renews anything: that the selectors are the same
shows it. With a KE in it the new keys would not even follow from the old secrets (PFS).`,
    },
    {
      title: 'Quick Mode, message 2',
      says: `From here on the responder receives with both children. It does not send with the new one yet: the initiator may not have the keys.`,
    },
    {
      title: 'Quick Mode, message 3',
      says: `The initiator may send with the new child as soon as this has left, the responder when it has come. The old child receives on until its
end, for packets that are under way. Done so, no packet is lost.`,
    },
    {
      section: 'Renewal of the IKE SA',
      title: 'Main Mode, once more',
      says: `IKEv1 has no renewal of phase 1: it is done again, with new cookies, new secrets and a new proof. Children are not bound to the IKE SA
that made them; they go over to the new one, and stay as they are.`,
      messages: 6,
      isBrief: true,
    },
    {
      section: 'The end',
      title: 'Delete, of a child',
      says: `An end deletes the SA with which it receives; the D payload has its SPI. The other end deletes the other direction as well, for half a
tunnel is none. Nothing is answered: a Delete that is lost is found out by the signs of life, or at the end of the lifetime
(RFC 2408 §3.15).`,
    },
    {
      title: 'Delete, of all that is left',
      says: `The right end closes: first the child that the renewal had left, then both IKE SAs, which are named by their two cookies. A Delete counts
only if it is encrypted and its hash is right; one in clear is anybody's.`,
      messages: 3,
    },
  ],
  outro: `## Where things go wrong

- Both ends renew at once: there are two successors. IKEv1 has no rule for that; ours takes that of IKEv2, so that two ends of ours choose
  alike (RFC 7296 §2.8.1).
- A peer deletes the old child at once: packets under way are lost. Ours waits ([peer profiles](../reference/peer-profiles.md) say who does what).
- A peer has restarted: it knows no SA, and cannot even say so in a way that may be believed. INITIAL-CONTACT in its next phase 1 does.

What an embedder has to do in all that: [renewing keys](../how-to/connect/rekeying.md).`,
};
