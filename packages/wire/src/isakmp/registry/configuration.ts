/** Numbers of the configuration payload: Mode Config, XAuth and what Cisco's Unity adds. */

/** Types of the payload (draft-dukes-ike-mode-cfg-02 §3.2). */
export const CONFIGURATION_TYPE = { request: 1, reply: 2, set: 3, ack: 4 } as const;

/** draft-dukes-ike-mode-cfg-02 §3.4. Addresses are octets, never a TV of 2 octets. */
export const CONFIGURATION_ATTRIBUTE = {
  ip4Address: 1,
  ip4Netmask: 2,
  ip4Dns: 3,
  ip4Nbns: 4,
  /** Seconds, 4 octets. */
  addressExpiry: 5,
  ip4Dhcp: 6,
  /** ASCII. */
  applicationVersion: 7,
  ip6Address: 8,
  ip6Netmask: 9,
  ip6Dns: 10,
  ip6Nbns: 11,
  ip6Dhcp: 12,
  /** Address and netmask, 8 octets. */
  ip4Subnet: 13,
  /** Two octets each. */
  supportedAttributes: 14,
  /** Address and prefix length, 17 octets. */
  ip6Subnet: 15,
} as const;

/** draft-beaulieu-ike-xauth-02 §5. */
export const XAUTH_ATTRIBUTE = {
  type: 16520,
  userName: 16521,
  userPassword: 16522,
  passcode: 16523,
  message: 16524,
  challenge: 16525,
  domain: 16526,
  status: 16527,
  nextPin: 16528,
  answer: 16529,
} as const;

/** Values of the attribute `type` (draft-beaulieu-ike-xauth-02 §6.1). */
export const XAUTH_TYPE = { generic: 0, radiusChap: 1, otp: 2, sKey: 3 } as const;

/** Values of the attribute `status` (draft-beaulieu-ike-xauth-02 §6.8). */
export const XAUTH_STATUS = { fail: 0, ok: 1 } as const;

/** Of Cisco's clients and gateways, which no document defines: as vpnc and strongSwan have them. */
export const UNITY_ATTRIBUTE = {
  /** Text. */
  banner: 28672,
  /** 1 where the client may keep the user's password. */
  savePassword: 28673,
  /** Text. */
  defaultDomain: 28674,
  /** Domains that are asked for inside: text, separated by commas. */
  splitDns: 28675,
  /** What goes through the tunnel: 14 octets each, address, netmask, protocol, two ports. */
  splitInclude: 28676,
  /** UDP port of NAT traversal. */
  natTraversalPort: 28677,
  /** What does not go through the tunnel: as `splitInclude`. */
  splitExclude: 28678,
  /** Group of perfect forward secrecy. */
  pfs: 28679,
  firewallType: 28680,
  /** Addresses or names, separated by commas. */
  backupServers: 28681,
  /** Name of the client's host. */
  ddnsHostName: 28682,
} as const;
