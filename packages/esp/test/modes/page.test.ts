import { AH_SUITES, espSuite } from '@espalier/crypto';
import { innerMtu, overhead } from '@espalier/esp';
import { ahOverhead } from '@espalier/esp/ah';
import { expect, it } from 'vitest';

/** One suite of each shape: IV, alignment and ICV are all that lengths depend on. */
const SHAPES = [
  '3des-cbc/hmac-sha1-96',
  'aes-128-cbc/hmac-sha1-96',
  'aes-128-cbc/hmac-sha2-256-128',
  'aes-128-ctr/hmac-sha1-96',
  'aes-128-gcm-16',
  'chacha20-poly1305',
  'null/hmac-sha1-96',
];

const MODES = (['tunnel', 'transport'] as const).flatMap((mode) =>
  ([4, 6] as const).flatMap((family) => [false, true].map((udp) => ({ mode, family, udp }))),
);

it('docs/reference/modes.md has the lengths that the code has', async () => {
  await expect(page()).toMatchFileSnapshot('../../../../docs/reference/modes.md');
});

function page(): string {
  const titles = MODES.map(({ mode, family, udp }) => `${mode}, IPv${family}${udp ? ', UDP' : ''}`);
  const esp = SHAPES.map((name) => {
    const suite = espSuite(name);
    return [name, ...MODES.map((form) => `${overhead(suite, form).least} to ${overhead(suite, form).most}`)];
  });
  const mtus = SHAPES.map((name) => [name, ...MODES.map((form) => `${innerMtu(espSuite(name), form, 1500)}`)]);
  const ahForms = MODES.filter(({ udp }) => !udp);
  const ah = AH_SUITES.map((suite) => [suite.name, ...ahForms.map((form) => `${ahOverhead(suite, form).all}`)]);
  return [
    HEAD,
    '## What a packet grows by',
    '',
    'Octets, the least and the most, in a table that a test writes. `overhead` gives it piece by piece for any suite.',
    '',
    table(['ESP', ...titles], esp),
    '',
    'The longest packet that fits 1500 octets, by `innerMtu`; in transport mode one without options or extension headers.',
    '',
    table(['ESP', ...titles], mtus),
    '',
    'AH, by `ahOverhead`: the same for every packet.',
    '',
    table(['AH', ...ahForms.map(({ mode, family }) => `${mode}, IPv${family}`)], ah),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const HEAD = `# Modes and headers

What an SA puts around a packet, and what it takes off again (RFC 4301 §4.1). Every reason to refuse one is in
[refusals.md](refusals.md), every suite in [transforms.md](transforms.md).

| | tunnel mode (the default) | transport mode |
|---|---|---|
| what is protected | the whole IP packet, of either family | what is behind its IP headers |
| what is in front | an outer header of either family, by \`outer\`; for ESP also none, where a UDP socket sends it | the packet's own IPv4 header with its options, or IPv6 header with hop-by-hop options, a routing header and the destination options before that; destination options for the last host are protected |
| next header 59, none | is inside like any packet | is sealed, and discarded at the other end: 59 is what dummies are told by (RFC 4303 §2.6) |
| in UDP (RFC 3948) | \`outer.udp\` | \`udp\` |
| fragments | are sealed like any packet | are refused, going out and coming in (RFC 4303 §3.3.4, §3.4.1) |
| behind a NAT | nothing to mend | \`originalAddresses\` mends TCP, UDP and ICMPv6 checksums (RFC 3948 §3.1.2): by what NAT-OA told, or \`'unknown'\`, where UDP over IPv4 goes without and the others are computed |
| what \`openInto\` and \`Batch.add\` take | ESP from its SPI, and the outer TOS | the packet from its IP header, and \`outerOctets\`, how many octets are in front of the SPI |

AH (\`@espalier/esp/ah\`, RFC 4302) has both modes, and no UDP: a NAT changes what it authenticates. Its \`openInto\` takes
packets from their IP header in either mode. Headers are authenticated as they will be at the end of their way: mutable
fields and options zeroed, a source route of IPv4 or a routing header of type 0 or 2 already travelled (RFC 4302 Appendix
A). Its header is whole units of 4 octets in IPv4, 8 in IPv6; \`alignment: 8\` is for Linux without its flag \`align4\`, whose
packets are understood in any case. AH around ESP is two SAs: seal by ESP in transport or tunnel mode, then by AH in
transport mode; open the other way round.

IPComp (\`@espalier/esp/ipcomp\`, RFC 3173, DEFLATE by fflate, which is loaded there alone) comes before ESP in transport
mode: \`Compressor.compress\` gives a packet that goes through the SA, \`Decompressor.decompress\` takes what came out of it.
What would not become smaller goes without an IPComp header, and after four such packets the next eight are not tried, then
sixteen, at most 256. No more than \`mostOctets\` are ever made, and a bomb is stopped within half a megabyte.

TCP (RFC 9329): \`encodeTcpFrame\` and \`TcpFrameDecoder\` of \`@espalier/wire\` put IKE and ESP into a stream and take them out.

AH has what ESP has around its numbers: a window of 32 to 4096 or none, ESN, resynchronisation after 2^32 lost packets
(RFC 4302 Appendix B3), snapshots, limits of its key, and batches of one SA or of many.

## Numbers

| | at an SA | in a policy of the gateway |
|---|---|---|
| window | \`replayWindow\`: 32 to 4096, or \`'off'\` | \`antiReplayWindow\`; with SAs by hand always off |
| ESN | \`esn\` | \`esn\` |
| after 2^32 lost packets or more (RFC 4303 Appendix A3) | \`resynchronise: { failures, attempts }\` | \`resynchronise\` |
| packet 2^32 without ESN | is refused with \`sequence-exhausted\`; with \`antiReplay: false\` at the sender its number is 0 (RFC 4303 §3.3.3) | with SAs by hand 0, unless IVs are made of numbers |
| an SA that outlives its program | \`keepAhead\`, \`snapshot\`, \`kept\`, \`resume\` | of SAs by hand: \`keepAhead\`, \`Gateway.snapshotByHand\`, \`keptByHand\`, \`resume\` |

## Traffic flow

\`trafficFlow: { length }\` or \`{ multipleOf }\` pads inner packets of a tunnel, at an SA or in a policy, up to what the path carries
(RFC 4303 §2.7). Dummies (§2.6) are \`OutboundSa.sealDummyInto\`, \`Batch.addDummy\`, and \`Gateway.sendDummies(now, policy, octets)\`,
which sends one by each tunnel of a policy: they look like a packet of so many octets, and are discarded at the other end with
\`dummy\`. When to send them is the caller's to say, by a clock that has nothing to do with what there is to send.

## The headers of a tunnel

| field | going out (\`outer\`) | coming in |
|---|---|---|
| TTL, hop limit | \`ttl\`: 1 to 255, default 64, or \`'copy'\` | inner one untouched |
| DSCP | \`dscp\`: \`'copy'\` (default), or 0 to 63 | \`dscp\`: \`'keep'\` (default), or \`'copy'\` from outside (RFC 2983 §3) |
| ECN (RFC 6040) | \`ecn\`: \`'normal'\` (default), as inside; \`'compatibility'\`, none | figure 4 of §4.2; a CE that the inner packet cannot carry is \`congested\` |
| Don't Fragment | \`df\`: \`'copy'\` (default; IPv6 inside counts as set), \`'set'\`, \`'clear'\` | inner one untouched |
| flow label | \`flowLabel\`: 0 (default), a value, or \`'copy'\` | inner one untouched |
| identification | counts up by one from \`identification\`, default random | – |
| UDP checksum | zero over IPv4, computed over IPv6 | not asked for: the ICV covers more |
`;
