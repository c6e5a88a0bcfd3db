import { IPV4_OCTETS, PROTOCOL } from '@espalier/wire';
import type { Selectors } from '../config.ts';
import { AddressSet, type Ipv4Prefix, wordAt } from './address-set.ts';
import { NumberSet } from './number-set.ts';
import { hasPorts, isIcmp, isMobility, type PacketFields, UPPER } from './packet-fields.ts';

/** Next layer protocols that have a name in a configuration. */
const PROTOCOL_NAMES: Readonly<Record<string, number>> = {
  icmp: PROTOCOL.icmp,
  ipip: PROTOCOL.ipip,
  tcp: PROTOCOL.tcp,
  udp: PROTOCOL.udp,
  dccp: UPPER.dccp,
  ipv6: PROTOCOL.ipv6,
  gre: 47,
  esp: PROTOCOL.esp,
  ah: PROTOCOL.ah,
  icmpv6: PROTOCOL.icmpv6,
  ospf: PROTOCOL.ospf,
  sctp: UPPER.sctp,
  'mobility-header': UPPER.mobility,
  'udp-lite': UPPER.udpLite,
};

/** `Selectors` made ready for packets (RFC 4301 §4.4.1.1): a look-up allocates nothing. What is undefined takes everything. */
export class SelectorMatcher {
  readonly local: AddressSet | undefined;
  readonly remote: AddressSet | undefined;
  readonly upper: UpperMatcher | undefined;
  /** Of IPv4 prefixes alone, the commonest: here, since each set that is asked is memory of its own. */
  readonly #arePrefixes: boolean;
  readonly #localWord: number;
  readonly #localMask: number;
  readonly #remoteWord: number;
  readonly #remoteMask: number;

  /** @throws RangeError for what no packet can be, naming the selector. */
  constructor(selectors: Selectors) {
    this.local = read(selectors, 'local', (value) => new AddressSet(value));
    this.remote = read(selectors, 'remote', (value) => new AddressSet(value));
    if (this.local !== undefined && this.remote !== undefined && this.local.octets !== this.remote.octets) {
      throw new RangeError('local and remote must be of one family');
    }
    this.upper = UPPER_SELECTORS.some((name) => selectors[name] !== undefined)
      ? new UpperMatcher(selectors)
      : undefined;
    const [local, remote] = [prefixOf(this.local), prefixOf(this.remote)];
    this.#arePrefixes = local !== undefined && remote !== undefined && (this.local ?? this.remote) !== undefined;
    this.#localWord = local?.word ?? 0;
    this.#localMask = local?.mask ?? 0;
    this.#remoteWord = remote?.word ?? 0;
    this.#remoteMask = remote?.mask ?? 0;
  }

  matches(fields: PacketFields): boolean {
    const { upper } = this;
    const { octets, addressOctets } = fields;
    if (this.#arePrefixes) {
      return (
        addressOctets === IPV4_OCTETS &&
        ((wordAt(octets, fields.remoteAt) ^ this.#remoteWord) & this.#remoteMask) === 0 &&
        ((wordAt(octets, fields.localAt) ^ this.#localWord) & this.#localMask) === 0 &&
        (upper === undefined || upper.matches(fields))
      );
    }
    const { local, remote } = this;
    return (
      (local === undefined || local.holds(octets, fields.localAt, addressOctets)) &&
      (remote === undefined || remote.holds(octets, fields.remoteAt, addressOctets)) &&
      (upper === undefined || upper.matches(fields))
    );
  }

  /** Whether some packet is one of these and one of the others. */
  overlaps({ local, remote, upper }: SelectorMatcher): boolean {
    return (
      meet(this.local, local) &&
      meet(this.remote, remote) &&
      (this.upper === undefined || upper === undefined || this.upper.overlaps(upper))
    );
  }
}

const EVERYTHING: Ipv4Prefix = { word: 0, mask: 0 };

const UPPER_SELECTORS = ['protocol', 'localPort', 'remotePort', 'icmpType', 'icmpCode', 'mobilityType'] as const;

/** The next layer's selectors. */
class UpperMatcher {
  readonly protocol: NumberSet | undefined;
  readonly localPort: NumberSet | undefined;
  readonly remotePort: NumberSet | undefined;
  readonly icmpType: NumberSet | undefined;
  readonly icmpCode: NumberSet | undefined;
  readonly mobilityType: NumberSet | undefined;

  constructor(selectors: Selectors) {
    this.protocol = read(selectors, 'protocol', (value) => new NumberSet(value, 255, PROTOCOL_NAMES));
    this.localPort = read(selectors, 'localPort', (value) => new NumberSet(value, 65_535));
    this.remotePort = read(selectors, 'remotePort', (value) => new NumberSet(value, 65_535));
    this.icmpType = read(selectors, 'icmpType', (value) => new NumberSet(value, 255));
    this.icmpCode = read(selectors, 'icmpCode', (value) => new NumberSet(value, 255));
    this.mobilityType = read(selectors, 'mobilityType', (value) => new NumberSet(value, 255));
    const kinds = [this.localPort ?? this.remotePort, this.icmpType ?? this.icmpCode, this.mobilityType];
    if (kinds.filter((kind) => kind !== undefined).length > 1) {
      throw new RangeError('ports, types of ICMP and of the Mobility Header exclude each other');
    }
  }

  /** @throws RangeError that names a selector which no packet of the protocol shows: nothing would match. */
  requireMatchable(): void {
    this.#requireShown('localPort', hasPorts);
    this.#requireShown('remotePort', hasPorts);
    this.#requireShown('icmpType', isIcmp);
    this.#requireShown('icmpCode', isIcmp);
    this.#requireShown('mobilityType', isMobility);
  }

  /** Local port, or a type. */
  get a(): NumberSet | undefined {
    return this.localPort ?? this.icmpType ?? this.mobilityType;
  }

  /** Remote port, or a code. */
  get b(): NumberSet | undefined {
    return this.remotePort ?? this.icmpCode;
  }

  matches(fields: PacketFields): boolean {
    const { protocol, localPort, remotePort, icmpType, icmpCode, mobilityType } = this;
    return (
      (protocol === undefined || protocol.holds(fields.protocol)) &&
      (localPort === undefined || localPort.holds(fields.localPort)) &&
      (remotePort === undefined || remotePort.holds(fields.remotePort)) &&
      (icmpType === undefined || icmpType.holds(fields.icmpType)) &&
      (icmpCode === undefined || icmpCode.holds(fields.icmpCode)) &&
      (mobilityType === undefined || mobilityType.holds(fields.mobilityType))
    );
  }

  /** Errs to the side of saying yes where one asks for ports and the other for types. */
  overlaps(other: UpperMatcher): boolean {
    return UPPER_SELECTORS.every((name) => {
      const [a, b] = [this[name], other[name]];
      return a === undefined || b === undefined || a.meets(b);
    });
  }

  #requireShown(
    name: Exclude<(typeof UPPER_SELECTORS)[number], 'protocol'>,
    isShownBy: (protocol: number) => boolean,
  ): void {
    const { protocol } = this;
    const asked = this[name];
    if (protocol === undefined || asked === undefined || asked.hasOpaque) return;
    if (!protocol.some(isShownBy)) throw new RangeError(`${name}: no packet of this protocol shows one`);
  }
}

function read<Name extends keyof Selectors, Set>(
  selectors: Selectors,
  name: Name,
  make: (value: NonNullable<Selectors[Name]>) => Set,
): Set | undefined {
  const value = selectors[name];
  if (value === undefined || value === null) return undefined;
  try {
    return make(value);
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${name}: ${error.message}`) : error;
  }
}

/** A set that is not there takes everything. */
function prefixOf(set: AddressSet | undefined): Ipv4Prefix | undefined {
  return set === undefined ? EVERYTHING : set.prefix;
}

function meet(a: AddressSet | undefined, b: AddressSet | undefined): boolean {
  return a === undefined || b === undefined || a.meets(b);
}
