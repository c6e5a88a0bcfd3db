/** What one implementation has: 'yes', 'no', or a few words. */
type Has = string;

export interface Feature {
  readonly name: string;
  /** What of it is here, and the test that shows it: `file > title`, or `interop > case`. */
  readonly ours: readonly [has: Has, test: string] | 'no';
  readonly strongSwan: Has;
  readonly libreswan: Has;
  readonly racoon: Has;
  readonly isakmpd: Has;
  readonly vpnc: Has;
}

const GRID = 'test/scenarios/grid.test.ts > ';
const LIVES = 'test/scenarios/lives.test.ts > ';
const PKI = 'packages/pki/test/';
const ROWS = 'test/scenarios/warriors.test.ts > ';
const IKE = 'packages/ike/test/';
const GATEWAY = 'packages/gateway/test/';

export const FEATURES: readonly (readonly [chapter: string, features: readonly Feature[]])[] = [
  [
    'Exchanges',
    [
      feature(
        'Main Mode',
        ['both roles', `${GRID}net to net, main mode, pre-shared key`],
        'yes',
        'yes',
        'yes',
        'yes',
        'no',
      ),
      feature(
        'Aggressive Mode',
        ['both roles', `${GRID}net to net, aggressive mode, pre-shared key`],
        'yes, with a PSK as responder only if told so',
        'yes',
        'yes',
        'yes',
        'initiator only',
      ),
      feature('Base Mode', 'no', 'no', 'no', 'yes', 'no', 'no'),
      feature(
        'Quick Mode with perfect forward secrecy',
        ['yes', `${GRID}phase 1 and perfect forward secrecy with aes256-sha512-ecp521`],
        'yes',
        'yes',
        'yes',
        'yes',
        'yes',
      ),
      feature(
        'many children under one IKE SA',
        ['yes', `${LIVES}the initiator deletes the first and then the second`],
        'yes',
        'yes',
        'yes',
        'yes',
        'no',
      ),
      feature(
        'New Group Mode',
        [
          'refused as the RFC has it',
          `${IKE}children/new-group.test.ts > is answered once: the group is not supported, protected by the prf as the question was: %s`,
        ],
        'no',
        'no',
        'no',
        'no',
        'no',
      ),
      feature('IKEv2', 'no', 'yes', 'yes', 'no', 'no: iked', 'no'),
    ],
  ],
  [
    'Authentication',
    [
      feature(
        'pre-shared keys',
        ['yes, also by question', `${IKE}questions/shared-key.test.ts > in $mode mode $side asks for the key`],
        'yes',
        'yes',
        'yes',
        'yes',
        'yes',
      ),
      feature(
        'a key by the identity of the peer',
        ['Aggressive Mode', `${LIVES}clients behind one NAT with keys of their own`],
        'yes',
        'yes',
        'yes',
        'yes',
        '-',
      ),
      feature(
        'certificates by chain, with name constraints and policies',
        ['yes', `${PKI}chain/pkits.test.ts > takes %s`],
        'yes',
        'yes',
        'chain',
        'chain',
        'to verify the gateway in hybrid mode',
      ),
      feature(
        'revocation',
        ['CRL, OCSP: given, not fetched', `${PKI}chain/reasons.test.ts > by a CRL`],
        'CRL, OCSP',
        'CRL, OCSP',
        'CRL',
        'CRL',
        'no',
      ),
      feature(
        'a distinguished name with wildcards for a peer',
        ['yes, and a container', `${PKI}identity/identity.test.ts > an expected identity`],
        'yes',
        'yes',
        'yes',
        'no',
        'no',
      ),
      feature(
        'RSA signatures, raw keys',
        ['yes', `${GRID}net to net, main mode, raw keys`],
        'yes',
        'yes',
        'yes',
        'yes',
        'no',
      ),
      feature(
        'ECDSA signatures',
        ['P-256, P-384, P-521', `${GRID}two clients whom the hub does not know, main mode, certificates of ecdsa-521`],
        'yes',
        'IKEv2 only',
        'no',
        'no',
        'no',
      ),
      feature(
        'hybrid: only the gateway signs',
        ['both ends', `${ROWS}two clients, main mode, a certificate of the hub and XAuth, an address by pull`],
        'both ends',
        'no',
        'both ends',
        'no',
        'the user',
      ),
      feature(
        'XAuth',
        [
          'both roles, RADIUS-CHAP and prompts too',
          `${IKE}transaction/road.test.ts > a client on the road, in $mode mode, by $method`,
        ],
        'yes',
        'yes',
        'yes',
        'no',
        'client',
      ),
      feature(
        'chains in PKCS#7',
        ['both ways', `${PKI}payloads/payloads.test.ts > of encoding %s is verified`],
        'received',
        'received',
        'no',
        'no',
        'no',
      ),
    ],
  ],
  [
    'Users on the road',
    [
      feature(
        'Mode Config',
        [
          'pull and push, both roles',
          `${IKE}transaction/road.test.ts > a client on the road, in $mode mode, by $method`,
        ],
        'pull and push',
        'pull and push',
        'pull',
        'pull and push',
        'pull, client',
      ),
      feature(
        'addresses of IPv6',
        ['yes', `${IKE}transaction/road.test.ts > of both families are one of each, and each has its child`],
        'yes',
        'no',
        'no',
        'no',
        'no',
      ),
      feature(
        'Unity: split tunnels, DNS, banner',
        [
          'yes',
          `${IKE}transaction/road.test.ts > told with Unity’s attributes reach a client that speaks of Unity, whole`,
        ],
        'as a plugin',
        'some',
        'yes',
        'no',
        'yes',
      ),
      feature(
        'the address is kept by a renewal',
        ['yes', `${IKE}transaction/road.test.ts > keeps its address when the IKE SA is renewed, asked again or not`],
        'yes',
        'yes',
        'no word of it',
        'no word of it',
        '-',
      ),
    ],
  ],
  [
    'NAT, loss, peers that vanish',
    [
      feature(
        'NAT traversal of RFC 3947',
        ['yes', `${GRID}both behind NATs, net to net, main mode, pre-shared key`],
        'yes',
        'yes',
        'yes',
        'yes',
        'yes',
      ),
      feature(
        'NAT traversal of the drafts',
        [
          '00 to 03',
          `${GATEWAY}outside/ike-port.test.ts > carries ESP behind its marker by port 500, both ways, and nothing goes by another port`,
        ],
        '02, 03',
        '02, 03',
        '00, 02, 03',
        '02, 03',
        '00 to 03',
      ),
      feature(
        'several clients behind one NAT',
        ['yes', `${GRID}two clients behind one NAT, main mode, pre-shared key`],
        'yes',
        'yes',
        'yes',
        'yes',
        '-',
      ),
      feature(
        'dead peer detection',
        ['yes', `${LIVES}is given up by either end, and traffic brings it back`],
        'yes',
        'yes',
        'yes',
        'yes',
        'yes',
      ),
      feature(
        'INITIAL-CONTACT',
        ['yes', `${LIVES}comes back from another address, having lost everything: what it had is gone`],
        'yes',
        'yes',
        'yes',
        'yes',
        'yes',
      ),
      feature(
        'Cisco’s fragmentation',
        ['yes', `${IKE}fragments.test.ts > make up for pieces that are lost, late or repeated, run %i`],
        'yes',
        'yes',
        'yes',
        'no word of it',
        'no word of it',
      ),
      feature(
        'no packet is lost by a renewal',
        [
          'yes, whichever datagram of IKE is lost',
          `${GATEWAY}lossless.test.ts > loses no packet, whichever datagram is lost or late`,
        ],
        'on links without loss',
        'on links without loss',
        'no word of it',
        'no word of it',
        'no word of it',
      ),
    ],
  ],
  [
    'Children',
    [
      feature(
        'ESP in tunnel and transport mode',
        ['yes', `${GRID}host to host in transport mode, main mode, pre-shared key`],
        'yes',
        'yes',
        'yes',
        'yes',
        'tunnel',
      ),
      feature('AH', ['yes', `${GRID}AH of hmac-sha2-256-128, net to net`], 'yes', 'yes', 'yes', 'yes', 'no'),
      feature('AH around ESP', ['yes', `${GRID}AH around ESP, net to net`], 'no', 'no', 'yes', 'yes', 'no'),
      feature('IPComp', ['DEFLATE', `${GRID}IPComp and ESP, net to net`], 'yes', 'yes', 'yes', 'yes', 'no'),
      feature(
        'extended sequence numbers',
        ['yes', `${GRID}extended sequence numbers, net to net`],
        'yes',
        'IKEv2 only',
        'no',
        'no',
        'no',
      ),
      feature(
        'IPv6, outside and inside',
        ['yes', `${GRID}IPv6 in IPv6, net to net, certificates`],
        'yes',
        'yes',
        'yes',
        'yes',
        'no',
      ),
      feature(
        'clients at any address',
        ['yes', `${GRID}two clients whom the hub does not know, main mode, pre-shared key`],
        'yes',
        'yes',
        'yes',
        'yes',
        '-',
      ),
    ],
  ],
  [
    'Algorithms of phase 1',
    [
      feature(
        'groups of numbers modulo a prime',
        ['2, 5, 14 to 18; 1 by name', `${GRID}phase 1 and perfect forward secrecy with aes256-sha512-modp8192`],
        '1, 2, 5, 14 to 18, 22 to 24',
        '5, 14 to 18; 2 and 22 if built in',
        '1, 2, 5, 14 to 18',
        '1, 2, 5, 14 to 18',
        '1, 2, 5, 14 to 18',
      ),
      feature(
        'groups on curves',
        ['19 to 21, 25 to 31', `${GRID}phase 1 and perfect forward secrecy with aes128-sha256-x25519`],
        '19 to 21, 25 to 31',
        '19 to 21',
        'no',
        '19 to 21, 25 to 30',
        'no',
      ),
      feature(
        '3DES, AES-CBC',
        ['yes', `${GRID}phase 1 and perfect forward secrecy with 3des-sha1-modp1024`],
        'yes',
        'yes',
        'yes',
        'yes',
        'yes; 3DES if told so',
      ),
      feature(
        'SHA-1, SHA-2',
        ['yes; MD5 by name', `${GRID}phase 1 and perfect forward secrecy with aes256-sha512-modp4096`],
        'yes',
        'yes',
        'yes',
        'yes',
        'yes',
      ),
    ],
  ],
  [
    'As a part of something else',
    [
      feature(
        'form',
        [
          'library in TypeScript, no I/O',
          'test/purity.test.ts > imports nothing but what lies below it, and no platform',
        ],
        'daemon and libraries in C',
        'daemon in C',
        'daemon in C',
        'daemon in C',
        'program in C',
      ),
      feature(
        'a session can be recorded and done again',
        ['octet for octet', `${IKE}recordings.test.ts > of %s replays, whichever release it is of`],
        'no',
        'no',
        'no',
        'no',
        'no',
      ),
      feature(
        'why a negotiation failed, with both sides’ offers',
        ['yes', `${IKE}failures/nearest.test.ts > of an offer that is refused`],
        'in its log',
        'in its log',
        'in its log',
        'in its log',
        'in its log',
      ),
      feature(
        'peers and policies change at run time',
        ['yes', `${GATEWAY}reconfigured.test.ts > does octet for octet what one does that was made with them`],
        'yes, vici',
        'yes, whack',
        'racoonctl, reload',
        'reload',
        'no',
      ),
    ],
  ],
];

function feature(
  name: string,
  ours: Feature['ours'],
  strongSwan: Has,
  libreswan: Has,
  racoon: Has,
  isakmpd: Has,
  vpnc: Has,
): Feature {
  return { name, ours, strongSwan, libreswan, racoon, isakmpd, vpnc };
}
