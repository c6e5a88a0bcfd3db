import type { PeerProfile } from './profile.ts';

export type PeerProfileName =
  | 'android-l2tp'
  | 'apple'
  | 'check-point'
  | 'cisco-ios'
  | 'cisco-vpn-client'
  | 'fortigate'
  | 'fritzbox'
  | 'junos-as-pic'
  | 'libreswan'
  | 'mikrotik'
  | 'racoon'
  | 'strongswan'
  | 'vpnc'
  | 'windows-l2tp';

/** Implementations that are met, and what is to be known of each. */
export const PEER_PROFILES: Readonly<Record<PeerProfileName, PeerProfile>> = {
  'android-l2tp': {
    title: 'Android, L2TP and XAuth (racoon)',
    known: ['Android'],
    truncatesSha2: true,
    habits: [
      habit(
        'HMAC-SHA2-256 in ESP is cut to 96 bits, under the number of RFC 4868’s 128: without the profile nothing passes',
        'Linux kernels before 2.6.33; libreswan’s `sha2-truncbug`; hwdsl2/setup-ipsec-vpn #101',
      ),
      habit(
        'sixteen transforms with the lifetimes first, MD5, DES and SHA2 among them: any order is read',
        'setup-ipsec-vpn #101',
      ),
    ],
  },
  apple: {
    title: 'macOS and iOS (racoon)',
    known: ['macOS or iOS', 'Mac OS X'],
    keepsRenewed: true,
    habits: [
      habit(
        'deletes the IKE SA once Quick Mode is done: children stay, and renewal begins with phase 1',
        'libreswan ikev1.c, “Thanks Apple”',
      ),
      habit(
        'drops the children with an old IKE SA: one that was renewed ends without a Delete',
        'libreswan CHANGES, “Don’t delete replaced IKE SA”',
      ),
      habit(
        'sends keepalives behind a non-ESP marker, and a doubled marker: passed over',
        'libreswan iface_udp.c, “Apple iOS Racoon”',
      ),
    ],
  },
  'check-point': {
    title: 'Check Point',
    known: ['Check Point'],
    habits: [
      habit(
        'drops messages in clear with octets behind their payloads: this side never sends any',
        'libreswan ikev1_message.c, `ikepad`',
      ),
      habit(
        'joins subnets into the largest that holds them: an offer of more than the policy has is refused',
        'Check Point, `ike_use_largest_possible_subnets`',
      ),
    ],
  },
  'cisco-ios': {
    title: 'Cisco IOS and ASA',
    known: ['Cisco IOS', 'Cisco'],
    habits: [
      habit('names its receiver’s SPI in a Delete (`delete-of-receivers-spi`)', 'libreswan ikev1_delete.c'),
      habit(
        'speaks of the drafts 04 to 08 of NAT traversal, whose payloads 15 and 16 are taken where one of them is agreed on, and else ' +
          'passed over (`draft-payloads`); or sends NAT-D twice',
        'libreswan ikev1_nat.c',
      ),
      habit(
        'sends message 6 and RESPONDER-LIFETIME in one datagram: both are taken, and the lifetime obeyed',
        'wireshark’s captures of IOS',
      ),
    ],
  },
  'cisco-vpn-client': {
    title: 'Cisco VPN client and concentrator',
    known: ['Cisco VPN 3000 client', 'Cisco VPN 3000 concentrator'],
    habits: [
      habit('sends 16 zero octets behind each message (`zeros-behind-message`)', 'libreswan demux.c'),
      habit('deletes with DOI 0 (`delete-doi`)', 'racoon isakmp_inf.c'),
    ],
  },
  fortigate: {
    title: 'FortiGate',
    known: ['FortiGate'],
    habits: [
      habit('refuses lifetimes beyond its own: give one of at most 172,800 s', 'ndpgroup/vpnc pull 9'),
      habit(
        'writes a host as an address and an address range as a range (`addresses-respelled`)',
        'FortiOS CLI reference, `src-addr-type`',
      ),
    ],
  },
  fritzbox: {
    title: 'FRITZ!Box',
    known: [],
    habits: [
      habit(
        'offers ESP with IPComp first and plain ESP behind it: the plain one is chosen',
        'AVM’s vpn.cfg, `phase2ss = "esp-all-all/ah-none/comp-all/pfs"`',
      ),
      habit(
        'begins Aggressive Mode with a name or a key ID, and finds the key by it',
        'AVM’s vpn.cfg, `phase1_mode_aggressive`, `localid`',
      ),
    ],
  },
  'junos-as-pic': {
    title: 'Junos, AS and MultiServices PIC',
    known: ['ScreenOS or Junos of the SRX', 'ScreenOS'],
    habits: [
      habit(
        'renews 135 s (initiator) or 90 s (responder) before the end, as this side does by default',
        'the Junos document that this project follows',
      ),
      habit('an SRX says 40001 (NHTB-INFORM) in message 3 of Quick Mode: taken, and told', 'strongSwan NEWS'),
    ],
  },
  libreswan: {
    title: 'libreswan and Openswan',
    known: ['libreswan, Openswan or FreeS/WAN', 'Openswan', 'Openswan or FreeS/WAN'],
    habits: [
      habit(
        'keeps its own lifetimes, whatever is offered: whoever’s ends first renews',
        'ipsec.conf(5), `ikelifetime`, `salifetime`',
      ),
      habit(
        'fills a configuration with zeros to whole words (`zeros-behind-attributes`)',
        'test/peers/transcripts/libreswan',
      ),
      habit(
        'says XAuth and Mode Config, where it pushes, under one message ID (`transactions-under-one-id`)',
        'test/peers/transcripts/libreswan',
      ),
      habit(
        'sends INITIAL-CONTACT only with `initial-contact=yes`: without it, what it had before ends by dead peer detection',
        'ipsec.conf(5)',
      ),
    ],
  },
  mikrotik: {
    title: 'MikroTik RouterOS',
    known: [],
    habits: [
      habit('obeys our lifetimes, for `proposal-check` is `obey` by default', 'RouterOS manual, IPsec, Profiles'),
      habit(
        'writes a host as /32, and answers with an address (`addresses-respelled`)',
        'RouterOS manual, IPsec, Policies',
      ),
    ],
  },
  racoon: {
    title: 'racoon of ipsec-tools and KAME',
    known: ['racoon'],
    habits: [
      habit('answers R-U-THERE with the cookies in either order (`probe-spi`)', 'racoon isakmp_inf.c'),
      habit('begins its sequence of probes anew, lower, when it restarts (`probe-sequence`)', 'racoon isakmp_inf.c'),
      habit('sends proposals of one number each: all are a choice (`proposals-alike`)', 'racoon proposal.c'),
      habit('sets the encryption flag in the header of a fragment (`fragment-said-encrypted`)', 'strongSwan message.c'),
    ],
  },
  strongswan: {
    title: 'strongSwan',
    known: ['strongSwan'],
    habits: [
      habit('forgets a half-open IKE SA after 30 s: phase 1 is begun anew before that', 'charon.half_open_timeout'),
      habit(
        'passes over the commit bit, and the fourth message of Quick Mode that `commitBit` sends',
        'strongSwan task_manager_v1.c, “ignoring fourth Quick Mode message”',
      ),
      habit(
        'deletes both, IKE SA and children, when it reauthenticates, unless `make_before_break`: begun anew',
        'strongswan.conf(5)',
      ),
    ],
  },
  vpnc: {
    title: 'vpnc',
    known: ['Cisco, or vpnc'],
    habits: [
      habit(
        'offers 2,147,483 s, and Key Length in front of the cipher: read in any order, the shorter lifetime used',
        'hwdsl2/setup-ipsec-vpn #366',
      ),
      habit('does not renew an IKE SA: it begins anew', 'vpnc(8)'),
    ],
  },
  'windows-l2tp': {
    title: 'Windows, L2TP',
    known: [
      'Windows',
      'Windows 2000',
      'Windows XP',
      'Windows XP SP2 or 2003',
      'Windows Vista',
      'Windows Server 2008',
      'Windows 7',
      'Windows Server 2008 R2',
      'Windows 8 or later',
    ],
    habits: [
      habit(
        'sends a fourth message of Quick Mode, with CONNECTED, which strongSwan takes for IKEv2’s INITIAL_CONTACT of the same number (`fourth-quick-message`)',
        'strongSwan task_manager_v1.c',
      ),
      habit(
        'behind a NAT, a name in the place of its address as IDci (`name-for-address`)',
        'libreswan ikev1_quick.c, “MS-818043”',
      ),
      habit('returns port 0 for 1701 (`port-returned`)', 'libreswan ikev1_quick.c'),
    ],
  },
};

/** The profile that is made for an implementation as its vendor IDs name it. */
export function profileFor(implementation: string): PeerProfileName | undefined {
  for (const name in PEER_PROFILES)
    if (isProfile(name) && PEER_PROFILES[name].known.includes(implementation)) return name;
  return undefined;
}

function isProfile(name: string): name is PeerProfileName {
  return Object.hasOwn(PEER_PROFILES, name);
}

function habit(what: string, source: string): PeerProfile['habits'][number] {
  return { what, source };
}
