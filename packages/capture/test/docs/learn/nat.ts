import type { LearnPage } from './page.ts';

export const NAT: LearnPage = {
  file: 'nat.md',
  session: { natTraversal: 'force' },
  hasEsp: true,
  introduction: `# Behind a NAT

A NAT writes its own address into the packets that it forwards, and tells its hosts apart by ports. ESP has no ports, and a checksum
inside that a NAT cannot mend: bare, it gets through for one host at most. So the ends of a tunnel find out whether a NAT stands between
(RFC 3947), and if so, wrap ESP into UDP (RFC 3948). Here is one negotiation in which the left end says that it is behind one, as
\`@espalier/capture\` reads it with the keys of the session. This page is written by a test that holds that session.

    initiator          NAT                         responder
        │  1, 2  vendor IDs: I speak RFC 3947          │
        ├───────────────────┼─────────────────────────►│   port 500
        │  3, 4  NAT-D: hashes of both addresses       │
        ├───────────────────┼─────────────────────────►│   port 500
        ╞══ both compare: who is behind a NAT? ════════╡
        │  5, 6, Quick Mode: behind four zeros         │
        ├───────────────────┼─────────────────────────►│   port 4500
        │  ESP in UDP                                  │
        ├───────────────────┼─────────────────────────►│   port 4500`,
  steps: [
    {
      section: 'Finding it',
      title: 'Main Mode, message 1: initiator to responder',
      says: `By vendor IDs the initiator says that it speaks RFC 3947, and the drafts before it that are still met. Nobody who does not know them
is troubled: unknown vendor IDs are passed over.`,
    },
    {
      title: 'Main Mode, message 2: responder to initiator',
      says: `The responder knows the RFC as well, and says so. Of several that both speak the newest counts.`,
    },
    {
      title: 'Main Mode, message 3: initiator to responder',
      says: `Two hashes more than usual: NAT-D, each over both cookies, an address and a port (RFC 3947 §3.2). The first is of where the message
goes, the second of where it comes from, as the initiator sees it. (Here it has put something else into the second: it claims to be
behind a NAT, as an end may that wants ESP in UDP anyhow.)`,
    },
    {
      title: 'Main Mode, message 4: responder to initiator',
      says: `The same from the other side: first the initiator's address as the responder sees it, then its own. Now compare, across the two
messages: the second hash here is the first of message 3, so nothing has changed the responder's address. The first hash here is
not the second of message 3: the initiator believes to be somewhere else than where it is seen, so there is a NAT in front of it.`,
    },
    {
      section: 'Getting through it',
      title: 'Main Mode, message 5: initiator to responder',
      says: `Who is behind the NAT goes to port 4500 on both sides, which gets past NATs that meddle with port 500. In front of each message of IKE
there are four octets of zero, the non-ESP marker: that is no SPI, so the receiver can tell it from ESP, which has the same port
(RFC 3948 §2.2).`,
    },
    {
      title: 'Main Mode, message 6: responder to initiator',
      says: `The responder answers to where message 5 came from, and stays with that.`,
    },
    {
      title: 'Quick Mode, message 1: initiator to responder',
      says: `The encapsulation mode that is offered is \`udp-tunnel\` (RFC 3947 §5.1). In transport mode each end would also tell its own address as
it knows it (NAT-OA, §5.2), for the other must mend the checksums of TCP and UDP with it.`,
    },
    { title: 'Quick Mode, message 2: responder to initiator', says: `Taken as it was offered.` },
    { title: 'Quick Mode, message 3: initiator to responder', says: `The two ESP SAs are established.` },
    {
      title: 'ESP in UDP',
      says: `Each packet of ESP is the payload of a datagram between the two ports 4500; the NAT sees UDP, and forwards it as any other. That costs
8 octets a packet. The checksum of UDP is left out, for the ICV does better (RFC 3948 §2.1).`,
      messages: 4,
    },
    {
      title: 'Is the other end still there',
      says: `A NAT forgets whom it forwards for if nothing goes by. So the end behind it sends a datagram of one octet, 0xff, where it has sent
nothing for 20 seconds (RFC 3948 §4), which nobody answers. This here is something else: a question with an answer (RFC 3706), which
also finds a peer that is gone.`,
      messages: 2,
    },
  ],
  outro: `## What can change later

A NAT that has forgotten gives another port, or another address. A gateway believes that only of a packet that is authenticated: ESP with
a right ICV, a message of IKE with a right hash; else anybody could turn a tunnel to himself. Ours follows the newest such packet, and
tells it by the event \`peer-moved\`.

How to run a hub with branches behind NATs: [behind a NAT](../how-to/connect/behind-a-nat.md).`,
};
