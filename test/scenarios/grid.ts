import { fqdnId } from '../../packages/wire/src/index.ts';
import type { Auth, Row, Wishes } from './support/play.ts';

const AUTHS: readonly (readonly [words: string, auth: Auth])[] = [
  ['pre-shared key', 'pre-shared-key'],
  ['certificates', 'certificates'],
  ['raw keys', 'raw keys'],
];

function shapes(): readonly Row[] {
  const rows = (mode: 'main' | 'aggressive', words: string, auth: Auth): readonly Row[] => {
    const how = `${mode} mode, ${words}`;
    return [
      { name: `net to net, ${how}`, shape: 'net-net', mode, auth },
      { name: `host to host, ${how}`, shape: 'host-host', mode, auth },
      { name: `host to host in transport mode, ${how}`, shape: 'host-host', child: 'transport', mode, auth },
      { name: `two clients whom the hub does not know, ${how}`, shape: 'road', mode, auth },
      { name: `two clients behind one NAT, ${how}`, shape: 'road', nat: 'initiator', mode, auth },
      { name: `one behind a NAT, ${how}`, shape: 'net-net', nat: 'initiator', mode, auth },
      { name: `both behind NATs, host to host, ${how}`, shape: 'host-host', nat: 'both', mode, auth },
      { name: `both behind NATs, net to net, ${how}`, shape: 'net-net', nat: 'both', mode, auth },
      { name: `UDP though there is no NAT, ${how}`, shape: 'net-net', mode, auth, peer: { natTraversal: 'force' } },
    ];
  };
  return (['main', 'aggressive'] as const).flatMap((mode) => [
    ...AUTHS.flatMap(([words, auth]) => rows(mode, words, auth)),
    ...(['ecdsa-256', 'ecdsa-384', 'ecdsa-521'] as const).map(
      (auth): Row => ({
        name: `two clients whom the hub does not know, ${mode} mode, certificates of ${auth}`,
        shape: 'road',
        mode,
        auth,
      }),
    ),
  ]);
}

const IKE_SUITES = [
  '3des-md5-modp1024',
  '3des-sha1-modp1024',
  '3des-sha1-modp1536',
  '3des-sha256-modp2048',
  'aes128-md5-modp1536',
  'aes128-sha1-modp1536',
  'aes128-sha256-modp2048',
  'aes128-sha256-modp3072',
  'aes128-sha256-ecp256',
  'aes128-sha256-x25519',
  'aes192-sha384-ecp384',
  'aes192-sha384-x25519',
  'aes192-sha384-modp3072',
  'aes256-sha1-modp1536',
  'aes256-sha256-modp2048',
  'aes256-sha256-modp4096',
  'aes256-sha384-modp4096',
  'aes256-sha512-ecp521',
  'aes256-sha512-modp4096',
  'aes256-sha512-modp6144',
  'aes256-sha512-modp8192',
  'aes256-sha512-x25519',
  'aes128-sha256-modp2048s256',
  'aes192-sha384-modp2048s224',
  'aes128-sha256-modp1024s160',
  'aes128-sha256-ecp192',
  'aes128-sha256-ecp224',
  'aes128-sha256-ecp224bp',
  'aes128-sha256-ecp256bp',
  'aes192-sha384-ecp384bp',
  'aes256-sha512-ecp512bp',
  'camellia128-sha256-modp2048',
  'camellia256-sha512-modp3072',
] as const;

function ikeSuites(): readonly Row[] {
  return IKE_SUITES.map((suite) => ({
    name: `phase 1 and perfect forward secrecy with ${suite}`,
    shape: 'net-net',
    auth: suite.includes('sha1') ? 'pre-shared-key' : 'certificates',
    realDh: true,
    ike: [suite],
    pfs: suite.replace(/^.*-/, ''),
  }));
}

const ESP_SUITES = [
  '3des-cbc/hmac-md5-96',
  '3des-cbc/hmac-sha1-96',
  '3des-cbc/hmac-sha2-256-128',
  'aes-128-cbc/hmac-md5-96',
  'aes-128-cbc/hmac-sha1-96',
  'aes-128-cbc/hmac-sha2-256-128',
  'aes-192-cbc/hmac-sha2-384-192',
  'aes-256-cbc/hmac-sha1-96',
  'aes-256-cbc/hmac-sha2-256-128',
  'aes-256-cbc/hmac-sha2-512-256',
  'aes-128-cbc/aes-xcbc-96',
  'aes-128-ctr/hmac-sha1-96',
  'aes-256-ctr/aes-xcbc-96',
  'camellia-128-cbc/hmac-sha1-96',
  'camellia-192-cbc/hmac-sha1-96',
  'camellia-256-cbc/hmac-sha2-512-256',
  'null/hmac-md5-96',
  'null/hmac-sha1-96',
  'null/hmac-sha2-256-128',
  'aes-128-gcm-8',
  'aes-128-gcm-12',
  'aes-128-gcm-16',
  'aes-192-gcm-16',
  'aes-256-gcm-16',
  'aes-128-ccm-8',
  'aes-128-ccm-12',
  'aes-128-ccm-16',
  'aes-256-ccm-16',
  'aes-128-gmac',
] as const;

function espSuites(): readonly Row[] {
  return ESP_SUITES.flatMap((suite) => [
    { name: `ESP of ${suite}, net to net`, shape: 'net-net', esp: [suite] },
    {
      name: `ESP of ${suite}, two clients whom the hub does not know`,
      shape: 'road',
      auth: 'certificates',
      esp: [suite],
    },
  ]);
}

function families(): readonly Row[] {
  const pairs = [
    [4, 6],
    [6, 4],
    [6, 6],
  ] as const;
  const of6 = { outer: 6, inner: 6 } as const;
  const port = { protocol: 'udp', localPort: 9, remotePort: 9 };
  return AUTHS.filter(([, auth]) => auth !== 'raw keys').flatMap(([words, auth]): readonly Row[] => [
    ...pairs.flatMap(([inner, outer]): readonly Row[] => [
      { name: `IPv${inner} in IPv${outer}, net to net, ${words}`, shape: 'net-net', auth, inner, outer },
      {
        name: `IPv${inner} in IPv${outer}, two clients whom the hub does not know, ${words}`,
        shape: 'road',
        auth,
        inner,
        outer,
      },
    ]),
    { name: `IPv6, host to host, ${words}`, shape: 'host-host', auth, ...of6 },
    { name: `IPv6, host to host in transport mode, ${words}`, shape: 'host-host', child: 'transport', auth, ...of6 },
    {
      name: `IPv6, host to host in transport mode, of one port, ${words}`,
      shape: 'host-host',
      child: 'transport',
      auth,
      ...of6,
      selectors: port,
    },
  ]);
}

function bundles(): readonly Row[] {
  const macs = [
    'hmac-md5-96',
    'hmac-sha1-96',
    'hmac-sha2-256-128',
    'hmac-sha2-384-192',
    'hmac-sha2-512-256',
    'aes-xcbc-96',
  ];
  return (
    [
      ...macs.flatMap((mac): Row[] => [
        { name: `AH of ${mac}, net to net`, shape: 'net-net', ah: [mac] },
        { name: `AH of ${mac}, host to host in transport mode`, shape: 'host-host', child: 'transport', ah: [mac] },
      ]),
      { name: 'AH around ESP, net to net', shape: 'net-net', ah: ['hmac-sha1-96'], esp: ['3des-cbc/hmac-sha1-96'] },
      { name: 'IPComp and ESP, net to net', shape: 'net-net', ipcomp: true },
      { name: 'IPComp and ESP of 3DES, net to net', shape: 'net-net', ipcomp: true, esp: ['3des-cbc/hmac-sha1-96'] },
      { name: 'IPComp and ESP, two clients whom the hub does not know', shape: 'road', ipcomp: true },
      { name: 'extended sequence numbers, net to net', shape: 'net-net', esn: true, esp: ['aes-128-gcm-16'] },
    ] satisfies readonly Row[]
  ).map((row) => ({ ...row, auth: 'certificates' }));
}

const STRONG = ['aes256-sha512-modp4096', 'aes128-sha256-modp2048'];
const SINGLE = ['aes128-sha256-modp2048'];

/** One suite of phase 1 with one of phase 2. */
function mixtures(): readonly Row[] {
  const pairs = [
    ['aes128-md5-modp1536', '3des-cbc/hmac-sha1-96'],
    ['aes256-sha1-modp1536', '3des-cbc/hmac-md5-96'],
    ['3des-md5-modp1024', '3des-cbc/hmac-md5-96'],
  ] as const;
  return pairs.flatMap(([ike, esp]): readonly Row[] => [
    { name: `phase 1 of ${ike}, ESP of ${esp}`, shape: 'net-net', ike: [ike], esp: [esp] },
    {
      name: `phase 1 of ${ike}, ESP of ${esp}, two clients whom the hub does not know`,
      shape: 'road',
      auth: 'certificates',
      ike: [ike],
      esp: [esp],
    },
  ]);
}

/** Whom the hub knows. */
function known(): readonly Row[] {
  return (['main', 'aggressive'] as const).flatMap((mode): readonly Row[] => [
    {
      name: `two known clients, by their addresses, ${mode} mode, pre-shared key`,
      shape: 'road',
      known: 'by address',
      mode,
    },
    { name: `two known clients, by their names, ${mode} mode, pre-shared key`, shape: 'road', known: 'by name', mode },
    {
      name: `two clients whom the hub does not know, no NAT traversal, ${mode} mode, pre-shared key`,
      shape: 'road',
      mode,
      peer: { natTraversal: 'off' },
    },
  ]);
}

/** Of several offers one is taken. */
function choices(): readonly Row[] {
  const esp = ['aes-256-gcm-16', 'aes-128-cbc/hmac-sha1-96', '3des-cbc/hmac-sha1-96'];
  return [
    {
      name: 'of several suites of phase 1 the one that the responder has',
      shape: 'net-net',
      initiator: { ike: STRONG },
      responder: { ike: SINGLE },
    },
    {
      name: 'of several suites of phase 2 the one that the responder has',
      shape: 'net-net',
      initiator: { esp },
      responder: { esp: esp.slice(2) },
      gets: { esp: '3des-cbc/hmac-sha1-96' },
    },
    {
      name: 'of several suites of phase 1 and 2, two clients whom the hub does not know',
      shape: 'road',
      initiator: { ike: SINGLE, esp: esp.slice(1, 2) },
      responder: { ike: STRONG, esp },
      gets: { esp: 'aes-128-cbc/hmac-sha1-96' },
    },
    {
      name: 'the client sits in the net of one whom the hub does not know, with perfect forward secrecy',
      shape: 'road',
      pfs: 'modp2048',
    },
  ];
}

/** What differs at the two ends, and what the initiator is told. */
function failures(): readonly Row[] {
  const differ = (what: string, initiator: Wishes, responder: Wishes, fails: string): readonly Row[] =>
    (['main', 'aggressive'] as const).map((mode) => ({
      name: `nothing where ${what}, ${mode} mode`,
      shape: 'net-net',
      mode,
      initiator,
      responder,
      fails,
    }));
  return [
    ...differ(
      'no suite of phase 1 is the same',
      { ike: ['3des-sha1-modp1024'] },
      { ike: SINGLE },
      'NO-PROPOSAL-CHOSEN',
    ),
    ...differ(
      'no suite of phase 2 is the same',
      { esp: ['3des-cbc/hmac-sha1-96'] },
      { esp: ['aes-128-gcm-16'] },
      'NO-PROPOSAL-CHOSEN',
    ),
    ...differ(
      'one end has ESP and the other AH',
      { esp: ['3des-cbc/hmac-sha1-96'] },
      { ah: ['hmac-sha1-96'] },
      'NO-PROPOSAL-CHOSEN',
    ),
    ...differ(
      'one end has AH and the other ESP',
      { ah: ['hmac-sha1-96'] },
      { esp: ['3des-cbc/hmac-sha1-96'] },
      'NO-PROPOSAL-CHOSEN',
    ),
    ...differ('the MACs of AH differ', { ah: ['hmac-sha2-256-128'] }, { ah: ['aes-xcbc-96'] }, 'NO-PROPOSAL-CHOSEN'),
    ...differ('the responder has no IPComp', { ipcomp: true }, {}, 'NO-PROPOSAL-CHOSEN'),
    ...differ('only the responder asks for perfect forward secrecy', {}, { pfs: 'modp2048' }, 'NO-PROPOSAL-CHOSEN'),
    ...differ('the nets differ', { selectors: { remote: '10.2.0.0/15' } }, {}, 'INVALID-ID-INFORMATION'),
    ...(['main', 'aggressive'] as const).flatMap((mode): readonly Row[] => [
      {
        name: `nothing where the raw key of the initiator is another, ${mode} mode`,
        shape: 'net-net',
        mode,
        auth: 'raw keys',
        initiator: { auth: 'other raw keys' },
        // In Aggressive Mode the initiator is done before it is believed: the responder that refuses it says so.
        fails: mode === 'main' ? 'no-answer' : 'peer-deleted',
      },
      {
        name: `nothing where an address is said as a name, ${mode} mode`,
        shape: 'net-net',
        mode,
        initiator: { peer: { localIdentity: fqdnId('203.0.113.1') } },
        fails: mode === 'main' ? 'INVALID-ID-INFORMATION' : 'no-answer',
      },
    ]),
    {
      name: 'nothing where the keys differ, main mode',
      shape: 'net-net',
      initiator: { key: 'one' },
      responder: { key: 'another' },
      fails: 'no-answer',
    },
    {
      name: 'nothing where the keys differ, aggressive mode',
      shape: 'net-net',
      mode: 'aggressive',
      initiator: { key: 'one' },
      responder: { key: 'another' },
      fails: 'authentication-failed',
    },
    {
      name: 'nothing where one has main mode and the other aggressive mode',
      shape: 'net-net',
      initiator: { mode: 'main' },
      responder: { mode: 'aggressive' },
      fails: 'no-answer',
    },
  ];
}

/** Whole connections, each a test: who calls whom, what is agreed on, packets both ways; or why there is nothing. */
export const GRID: readonly Row[] = [
  ...shapes(),
  ...ikeSuites(),
  ...espSuites(),
  ...families(),
  ...bundles(),
  ...mixtures(),
  ...known(),
  ...choices(),
  ...failures(),
];
