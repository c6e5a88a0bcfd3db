// Writes RFC.md: which clause is obeyed where, and which tests name it, from the citations in the code itself.
// `--check` only compares.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join(root, 'RFC.md');

const TITLES = {
  768: 'User Datagram Protocol',
  791: 'Internet Protocol',
  792: 'Internet Control Message Protocol',
  1071: 'Computing the Internet Checksum',
  1122: 'Requirements for Internet Hosts',
  1191: 'Path MTU Discovery',
  1321: 'The MD5 Message-Digest Algorithm',
  1421: 'Privacy Enhancement for Internet Electronic Mail (PEM)',
  1624: 'Computation of the Internet Checksum via Incremental Update',
  1812: 'Requirements for IP Version 4 Routers',
  1858: 'Security Considerations for IP Fragment Filtering',
  1951: 'DEFLATE Compressed Data Format',
  2104: 'HMAC',
  2202: 'Test Cases for HMAC-MD5 and HMAC-SHA-1',
  2315: 'PKCS #7: Cryptographic Message Syntax',
  2268: 'The RC2 Encryption Algorithm',
  2328: 'OSPF Version 2',
  2394: 'IP Payload Compression Using DEFLATE',
  2401: 'Security Architecture for the Internet Protocol (old)',
  2403: 'HMAC-MD5-96 within ESP and AH',
  2404: 'HMAC-SHA-1-96 within ESP and AH',
  2405: 'The ESP DES-CBC Cipher',
  2407: 'The IPsec Domain of Interpretation for ISAKMP',
  2408: 'ISAKMP',
  2409: 'The Internet Key Exchange (IKE)',
  2410: 'The NULL Encryption Algorithm',
  2412: 'The OAKLEY Key Determination Protocol',
  2451: 'The ESP CBC-Mode Cipher Algorithms',
  2460: 'Internet Protocol, Version 6 (old)',
  2473: 'Generic Packet Tunneling in IPv6',
  2474: 'The Differentiated Services Field',
  2661: 'Layer Two Tunneling Protocol "L2TP"',
  2865: 'Remote Authentication Dial In User Service (RADIUS)',
  2983: 'Differentiated Services and Tunnels',
  3128: 'Protection Against a Variant of the Tiny Fragment Attack',
  3168: 'Explicit Congestion Notification',
  3173: 'IP Payload Compression Protocol (IPComp)',
  3193: 'Securing L2TP using IPsec',
  3279: 'Algorithms and Identifiers for X.509',
  3489: 'STUN: Simple Traversal of UDP Through NATs (old)',
  3526: 'More MODP Diffie-Hellman Groups for IKE',
  3547: 'The Group Domain of Interpretation',
  3566: 'AES-XCBC-MAC-96 and Its Use With IPsec',
  3602: 'The AES-CBC Cipher and Its Use with IPsec',
  3686: 'Using AES Counter Mode With ESP',
  3706: 'Detecting Dead IKE Peers',
  3713: 'The Camellia Encryption Algorithm',
  3947: 'Negotiation of NAT-Traversal in the IKE',
  3948: 'UDP Encapsulation of IPsec ESP Packets',
  3986: 'Uniform Resource Identifier (URI): Generic Syntax',
  4055: 'Additional RSA Algorithms and Identifiers for X.509',
  4106: 'The Use of GCM in IPsec ESP',
  4231: 'Test Vectors for HMAC-SHA-2',
  4291: 'IP Version 6 Addressing Architecture',
  4301: 'Security Architecture for the Internet Protocol',
  4302: 'IP Authentication Header',
  4303: 'IP Encapsulating Security Payload',
  4304: 'Extended Sequence Numbers for ISAKMP',
  4309: 'AES CCM Mode with IPsec ESP',
  4312: 'The Camellia Cipher and Its Use With IPsec',
  4343: 'DNS Case Insensitivity',
  4443: 'ICMPv6',
  4493: 'The AES-CMAC Algorithm',
  4494: 'AES-CMAC-96 and Its Use with IPsec',
  4514: 'LDAP: String Representation of Distinguished Names',
  4518: 'LDAP: Internationalized String Preparation',
  4543: 'GMAC in IPsec ESP and AH',
  4552: 'Authentication/Confidentiality for OSPFv3',
  4632: 'Classless Inter-domain Routing',
  4648: 'Base16, Base32, and Base64',
  4868: 'HMAC-SHA-2 with IPsec',
  4821: 'Packetization Layer Path MTU Discovery',
  4884: 'Extended ICMP to Support Multi-Part Messages',
  4945: 'The Internet IP Security PKI Profile of IKEv1/ISAKMP, IKEv2, and PKIX',
  5208: 'PKCS #8: Private-Key Information Syntax',
  5280: 'X.509 Certificate and CRL Profile',
  5480: 'Elliptic Curve Subject Public Key Information',
  5612: 'Enterprise Number for Documentation Use',
  5652: 'Cryptographic Message Syntax (CMS)',
  5722: 'Handling of Overlapping IPv6 Fragments',
  5758: 'Additional Algorithms and Identifiers for DSA and ECDSA',
  5903: 'ECP Groups for IKE and IKEv2',
  5915: 'Elliptic Curve Private Key Structure',
  5937: 'Using Trust Anchor Constraints during Certification Path Processing',
  5952: 'IPv6 Address Text Representation',
  5958: 'Asymmetric Key Packages',
  6040: 'Tunnelling of Explicit Congestion Notification',
  6052: 'IPv6 Addressing of IPv4/IPv6 Translators',
  6071: 'IPsec and IKE Document Roadmap',
  6275: 'Mobility Support in IPv6',
  6437: 'IPv6 Flow Label Specification',
  6479: 'IPsec Anti-Replay Algorithm without Bit Shifting',
  6633: 'Deprecation of ICMP Source Quench Messages',
  6691: 'TCP Options and Maximum Segment Size (MSS)',
  6864: 'Updated Specification of the IPv4 ID Field',
  6960: 'Online Certificate Status Protocol (OCSP)',
  6979: 'Deterministic Usage of DSA and ECDSA',
  6989: 'Additional Diffie-Hellman Tests for IKEv2',
  6935: 'IPv6 and UDP Checksums for Tunneled Packets',
  6946: 'Processing of IPv6 "Atomic" Fragments',
  7112: 'Implications of Oversized IPv6 Header Chains',
  7292: 'PKCS #12: Personal Information Exchange Syntax',
  7296: 'IKEv2',
  7468: 'Textual Encodings of PKIX, PKCS, and CMS Structures',
  7634: 'ChaCha20, Poly1305, and Their Use in IKE and IPsec',
  7748: 'Elliptic Curves for Security',
  7919: 'Negotiated Finite Field Groups for TLS',
  8017: 'PKCS #1: RSA Cryptography Specifications',
  8018: 'PKCS #5: Password-Based Cryptography Specification',
  8031: 'Curve25519 and Curve448 for IKEv2',
  8200: 'Internet Protocol, Version 6',
  8201: 'Path MTU Discovery for IP version 6',
  8221: 'Algorithm Implementation Requirements for ESP and AH',
  8247: 'Algorithm Implementation Requirements for IKEv2',
  8410: 'Algorithm Identifiers for Ed25519, Ed448, X25519, and X448',
  8439: 'ChaCha20 and Poly1305',
  8750: 'Implicit IV for Counter-Based Ciphers in ESP',
  9293: 'Transmission Control Protocol (TCP)',
  9329: 'TCP Encapsulation of IKE and IPsec Packets',
  4434: 'The AES-XCBC-PRF-128 Algorithm for IKE',
  4754: 'IKE and IKEv2 Authentication Using ECDSA',
  5114: 'Additional Diffie-Hellman Groups',
  5639: 'ECC Brainpool Standard Curves',
  6932: 'Brainpool Elliptic Curves for the IKE Group Description Registry',
  9395: 'Deprecation of IKEv1 and Obsoleted Algorithms',
  9618: 'Updates to X.509 Policy Validation',
  1042: 'IP over IEEE 802 Networks',
  1332: 'The PPP Internet Protocol Control Protocol (IPCP)',
  1661: 'The Point-to-Point Protocol (PPP)',
  1662: 'PPP in HDLC-like Framing',
  1701: 'Generic Routing Encapsulation (old)',
  1761: 'Snoop Version 2 Packet Capture File Format',
  1952: 'GZIP File Format',
  2003: 'IP Encapsulation within IP',
  2516: 'PPP Over Ethernet (PPPoE)',
  2637: 'Point-to-Point Tunneling Protocol (PPTP)',
  2784: 'Generic Routing Encapsulation (GRE)',
  2890: 'Key and Sequence Number Extensions to GRE',
  3032: 'MPLS Label Stack Encoding',
  3629: 'UTF-8',
  4213: 'Basic Transition Mechanisms for IPv6 Hosts and Routers',
  4448: 'Ethernet over MPLS',
  5072: 'IPv6 over PPP',
  6407: 'The Group Domain of Interpretation',
  7348: 'VXLAN',
  8926: 'Geneve: Generic Network Virtualization Encapsulation',
};

const CITATION =
  /RFC (\d{3,5})(?:(?: and|,)? (§[\dA-Z]+(?:\.\d+)*(?:(?:,| and) §[\dA-Z]+(?:\.\d+)*)*|Appendix [A-Z]\d*(?:\.\d+)*))?/g;

const citations = collect();
const text = render(citations);

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.error('RFC.md does not agree with the citations in the code: node scripts/rfc.mjs writes it anew');
    process.exit(1);
  }
} else {
  writeFileSync(page, text);
}

/** rfc -> section -> { code, tests }: the files that cite it. */
function collect() {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => /^(packages|examples|test)\//.test(file) && !file.startsWith('test/interop/'));
  const found = new Map();
  for (const file of files) {
    const lines = readFileSync(join(root, file), 'utf8').replace(/\n\s*(?:\*|\/\/)?\s*/g, ' ');
    const kind = /(^|\/)test\//.test(file) ? 'tests' : 'code';
    for (const [, rfc, where] of lines.matchAll(CITATION)) {
      for (const section of sectionsOf(where)) {
        const sections = found.get(rfc) ?? new Map();
        const entry = sections.get(section) ?? { code: new Set(), tests: new Set() };
        entry[kind].add(file);
        found.set(rfc, sections.set(section, entry));
      }
    }
  }
  return found;
}

function sectionsOf(where) {
  if (where === undefined) return [''];
  return where.startsWith('Appendix') ? [where] : where.split(/(?:,| and) /);
}

function render(found) {
  const parts = [
    '# Which clause lives where',
    '',
    'Written by `node scripts/rfc.mjs` from the citations in the code; `npm run check` fails when it is stale. A test',
    'stands beside a clause when it names the clause, or one above or below it. Property tests and recorded vectors',
    'cover many more clauses than they name.',
    '',
  ];
  parts.push(...departures());
  for (const rfc of [...found.keys()].sort((a, b) => a - b)) {
    const title = TITLES[rfc];
    if (title === undefined) throw new Error(`scripts/rfc.mjs has no title for RFC ${rfc}`);
    const sections = found.get(rfc);
    const rows = [...sections.keys()].filter((section) => sections.get(section).code.size > 0).sort(bySection);
    if (rows.length === 0) continue;
    parts.push(`## RFC ${rfc}: ${title}`, '', '| clause | code | tests that name it |', '|---|---|---|');
    for (const section of rows) {
      const tests = [...sections.keys()]
        .filter((other) => related(section, other))
        .flatMap((other) => [...sections.get(other).tests]);
      parts.push(`| ${section || 'all'} | ${links(sections.get(section).code)} | ${links(new Set(tests))} |`);
    }
    parts.push('');
  }
  return parts.join('\n');
}

/** What is taken of peers though a clause has it otherwise, from the comments beside the names. */
function departures() {
  const file = 'packages/ike/src/tolerances.ts';
  const [, list] = /= \[\n([\s\S]*?)\n\] as const/.exec(readFileSync(join(root, file), 'utf8')) ?? [];
  if (list === undefined) throw new Error(`${file} has no list of tolerances`);
  const rows = [...list.matchAll(/\/\*\*([\s\S]*?)\*\/\s*'([a-z0-9-]+)',/g)].map(([, comment, name]) => {
    return `| \`${name}\` | ${comment.replace(/\s*\n\s*\*\s*/g, ' ').trim()} |`;
  });
  return [
    '## Departures',
    '',
    'What is taken of deployed peers though a clause has it otherwise: it decides no key, no hash and nobody’s identity. Each is',
    'counted (`IkeEndpoint.tolerances`), told once of a peer (the event `tolerated`), and but for the first three can be switched off',
    'by its name (`PeerConfig.tolerances`).',
    '',
    '| name | what, and the clause |',
    '|---|---|',
    ...rows,
    '',
    'Of Cisco’s fragmentation, of Unity and of vendor IDs there is no text that anybody could depart from: every form in use is read.',
    '',
    'Public-key encryption (RFC 2409 §5.2, §5.3) and Base Mode (draft-ietf-ipsec-ike-base-mode-02) are not negotiated: of what is met, racoon',
    'alone speaks the latter, beside Main Mode, and nobody the former, where decrypting what strangers send is what has told keys away',
    '(CVE-2018-0131). Main Mode would have other payloads in messages 3 to 6, so four states a role, and a door for decryption beside `sign`.',
    'What recordings need is there: the payloads, SKEYID, Ke_i and Ke_r.',
    '',
    'Of New Group Mode (RFC 2409 §5.6) a peer gets only the groups of `PeerConfig.acceptedGroups`, by value: what both ends have settled',
    'on beforehand. No prime that a peer chooses is trusted or tested, so by default every group is refused, as the clause has it; and a',
    'group ends with the IKE SA under which it was agreed on, as the clause allows.',
    '',
  ];
}

function related(a, b) {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`) || a === '';
}

function bySection(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

function links(files) {
  return [...files]
    .sort()
    .map((file) => `[${file.replace(/^packages\//, '').replace(/\/(src|test)\//, '/')}](${file})`)
    .join(', ');
}
