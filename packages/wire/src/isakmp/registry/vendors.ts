/** What a vendor ID tells (RFC 2408 §3.16): an extension that is spoken, or who it is that speaks. */
export interface VendorMeaning {
  /** In lower-case hexadecimal: what follows it, if anything, is a version. */
  readonly prefix: string;
  /** The extension, or the implementation, for people. */
  readonly name: string;
  /** Whether it names an implementation. */
  readonly isImplementation: boolean;
}

/** As most implementations do, by the MD5 of a text; the others by octets of their own. Longer prefixes come first. */
export const VENDORS: readonly VendorMeaning[] = [
  // Extensions.
  extension('4a131c81070358455c5728f20e95452f', 'RFC 3947 NAT traversal'),
  extension('4485152d18b6bbcd0be8a8469579ddcc', 'draft-ietf-ipsec-nat-t-ike-00'),
  extension('16f6ca16e4a4066d83821a0f0aeaa862', 'draft-ietf-ipsec-nat-t-ike-01'),
  extension('cd60464335df21f87cfdb2fc68b6a448', 'draft-ietf-ipsec-nat-t-ike-02'),
  extension('90cb80913ebb696e086381b5ec427b1f', 'draft-ietf-ipsec-nat-t-ike-02 with a line feed'),
  extension('7d9419a65310ca6f2c179d9215529d56', 'draft-ietf-ipsec-nat-t-ike-03'),
  extension('9909b64eed937c6573de52ace952fa6b', 'draft-ietf-ipsec-nat-t-ike-04'),
  extension('80d0bb3def54565ee84645d4c85ce3ee', 'draft-ietf-ipsec-nat-t-ike-05'),
  extension('4d1e0e136deafa34c4f3ea9f02ec7285', 'draft-ietf-ipsec-nat-t-ike-06'),
  extension('439b59f8ba676c4c7737ae22eab8f582', 'draft-ietf-ipsec-nat-t-ike-07'),
  extension('8f8d83826d246b6fc7a8a6a428c11de8', 'draft-ietf-ipsec-nat-t-ike-08'),
  extension('4df37928e9fc4fd1b3262170d515c662', 'draft-ietf-ipsec-nat-t-ike'),
  extension('27bab5dc01ea0760ea4e3190ac27c0d0', 'draft-stenberg-ipsec-nat-traversal-01'),
  extension('6105c422e76847e43f9684801292aecd', 'draft-stenberg-ipsec-nat-traversal-02'),
  extension('afcad71368a1f1c96b8696fc7757', 'RFC 3706 dead peer detection'),
  extension('09002689dfd6b712', 'XAuth'),
  extension('12f5f28c457168a9702d9fe274cc', 'Cisco Unity'),
  extension('4048b7d56ebce88525e7de7f00d6c2d3', 'Cisco fragmentation'),
  extension('4865617274426561745f4e6f74696679', 'heartbeat notify'),
  extension('325df29a2319f2dd', 'draft-krywaniuk-ipsec-antireplay-00'),
  extension('621b04bb09882ac1e15935fefa24aeee', 'GSSAPI'),
  extension('26244d38eddb61b3172a36e3d0cfb819', 'Microsoft initial contact'),
  extension('fb1de3cdf341b7ea16b7e5be0855f120', 'Microsoft negotiation discovery'),
  extension('e3a5966a76379fe707228231e5ce8652', 'Microsoft cryptographically generated addresses'),
  // Implementations.
  implementation('1e2b516905991c7d7c96fcbfb587e46100000002', 'Windows 2000'),
  implementation('1e2b516905991c7d7c96fcbfb587e46100000003', 'Windows XP'),
  implementation('1e2b516905991c7d7c96fcbfb587e46100000004', 'Windows XP SP2 or 2003'),
  implementation('1e2b516905991c7d7c96fcbfb587e46100000005', 'Windows Vista'),
  implementation('1e2b516905991c7d7c96fcbfb587e46100000006', 'Windows Server 2008'),
  implementation('1e2b516905991c7d7c96fcbfb587e46100000007', 'Windows 7'),
  implementation('1e2b516905991c7d7c96fcbfb587e46100000008', 'Windows Server 2008 R2'),
  implementation('1e2b516905991c7d7c96fcbfb587e46100000009', 'Windows 8 or later'),
  implementation('1e2b516905991c7d7c96fcbfb587e461', 'Windows'),
  implementation('882fe56d6fd20dbc2251613b2ebe5beb', 'strongSwan'),
  implementation('4f454e', 'libreswan, Openswan or FreeS/WAN'),
  implementation('4f5357', 'Openswan'),
  implementation('4f45', 'Openswan or FreeS/WAN'),
  implementation('7003cbc1097dbe9c2600ba6983bc8b35', 'racoon'),
  implementation('f4ed19e0c114eb516faaac0ee37daf2807b4381f', 'Check Point'),
  implementation('1f07f70eaa6514d3b0fa96542a50', 'Cisco VPN 3000 concentrator'),
  implementation('f6f7efc7f5aeb8cb158cb9d094ba69e7', 'Cisco VPN 3000 client'),
  implementation('bdb41038a7ec5e5534dd004d0f91f927', 'Cisco IOS'),
  implementation('8299031757a36082c6a621de', 'FortiGate'),
  implementation('1d6e178f6c2c0be284985465450fe9d4', 'FortiGate'),
  implementation('699369228741c6d4ca094c93e242c9de19e7b7c6', 'ScreenOS or Junos of the SRX'),
  implementation('9436e8d67174ef9aed068d5ad5213f187a3f8ba6', 'ScreenOS'),
  implementation('166f932d55eb64d8e4df4fd37e2313f0d0fd8451', 'ScreenOS'),
  implementation('4a4340b543e02b84c88a8b96a8af9ebe77d9accc', 'ScreenOS'),
  implementation('5b362bc820f6', 'SonicWall'),
  implementation('404bf439522ca3f6', 'SonicWall'),
  implementation('da8e937880010000', 'SonicWall'),
  implementation('da8e9378', 'SafeNet or WatchGuard'),
  implementation('47bbe7c993f1fc13b4e6d0db565c68e5', 'SafeNet SoftRemote'),
  implementation('424e4553', 'Nortel Contivity'),
  implementation('625027749d5ab97f5616c1602765cf480a3b7d0b', 'ZyXEL'),
  implementation('b858d1addd08c1e8adafea150608aa4497aa6cc8', 'ZyXEL'),
  implementation('f758f22668750f03b08df6ebe1d0', 'ZyXEL'),
  implementation('dbfb81eb5760b0788562067da102d755', 'Netgear'),
  implementation('c573b056d7faca36c2fba28374127cbf', 'StoneGate'),
  implementation('baeb239037e17787d730eed9d95d48aa', 'StoneGate'),
  implementation('4d6163204f53582031302e78', 'Mac OS X'),
];

function extension(prefix: string, name: string): VendorMeaning {
  return { prefix, name, isImplementation: false };
}

function implementation(prefix: string, name: string): VendorMeaning {
  return { prefix, name, isImplementation: true };
}
