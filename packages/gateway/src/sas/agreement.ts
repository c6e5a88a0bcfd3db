import { type AhSuite, type EspSuite, wipe } from '@espalier/crypto';
import type { Lifetime, LifetimeLimits, Resynchronisation } from '@espalier/esp';
import type { ChildKeys, Endpoint, IpcompSuite, IpsecMode, NegotiatedChild, Role } from '@espalier/ike';
import { after, type Identification, type Instant, type Spi } from '@espalier/wire';
import type { ManualSnapshot, Protection } from '../config.ts';

/** ESP of one direction; who builds of it wipes its keys. */
export interface AgreedEsp extends ChildKeys {
  readonly suite: EspSuite;
}

/** AH of one direction; who builds of it wipes its key. */
export interface AgreedAh extends Pick<ChildKeys, 'spi' | 'integrity'> {
  readonly suite: AhSuite;
}

/** How payloads of one direction are compressed. */
interface AgreedIpcomp {
  /** Compression Parameter Index: 16 bits. */
  readonly cpi: number;
}

/** What one direction is protected by: ESP, AH, or AH around ESP; and whether it is compressed before. */
export interface AgreedSa {
  readonly ipcomp?: AgreedIpcomp;
  readonly esp?: AgreedEsp;
  readonly ah?: AgreedAh;
}

/** What a pair of SAs is to be: what IKE has agreed on with the peer, or what is given by hand at both ends. */
export interface SaAgreement {
  /** Name of the peer; of SAs given by hand the address of the other end. */
  readonly peer: string;
  /** Undefined where nobody has begun: given by hand. */
  readonly role: Role | undefined;
  readonly inbound: AgreedSa;
  readonly outbound: AgreedSa;
  readonly mode: IpsecMode;
  /** Of transport mode in UDP, where the peer told them: see `NegotiatedChild`. */
  readonly originalAddresses: NegotiatedChild['originalAddresses'];
  /** Whether ESP goes in UDP (RFC 3948). */
  readonly inUdp: boolean;
  /** With eight zero octets in front, at IKE's own port: see `NegotiatedChild`. */
  readonly nonIkeMarker?: true;
  readonly esn: boolean;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  readonly antiReplayWindow: number | 'off';
  /** Absent where the inbound SAs are not to find the other end again. */
  readonly resynchronise?: Resynchronisation;
  /** Absent where the outbound SAs last no longer than the gateway. */
  readonly kept?: KeptSas;
  /** What tells a packet that comes, beside its SPI (RFC 4301 §4.1). */
  readonly toldBy: 'spi' | 'destination' | 'both-ends';
  /** Undefined where nothing but its sequence numbers ends it. */
  readonly life: AgreedLife | undefined;
}

/** How outbound SAs outlive the gateway: by what they go on, if they have been before. */
interface KeptSas {
  readonly resume: ManualSnapshot | undefined;
}

interface AgreedLife {
  readonly softExpiry: Instant;
  readonly hardExpiry: Instant;
  readonly lifetime: Lifetime;
}

/** What is around a packet that goes through its SAs together with others. */
export type Layers = 'esp' | 'ah' | 'ah-around-esp';

/** Undefined for what is compressed before, each packet by itself. */
export function layersOf({ ipcomp, esp, ah }: AgreedSa): Layers | undefined {
  if (ipcomp !== undefined) return undefined;
  if (ah === undefined) return 'esp';
  return esp === undefined ? 'ah' : 'ah-around-esp';
}

/** One SA as it is, without its key. */
export type SaInfo =
  | { readonly protocol: 'esp'; readonly spi: Spi; readonly suite: EspSuite }
  | { readonly protocol: 'ah'; readonly spi: Spi; readonly suite: AhSuite }
  /** Its SPI is a CPI (RFC 3173 §3.3). */
  | { readonly protocol: 'ipcomp'; readonly spi: number; readonly suite: IpcompSuite };

/** What protects packets each way, in the order in which one that leaves gets it: IPComp, ESP, then AH around it. */
export interface PairOfSas {
  readonly inbound: readonly SaInfo[];
  readonly outbound: readonly SaInfo[];
}

/** Packets, where a policy says nothing. */
const ANTI_REPLAY_WINDOW = 64;

/** The share of a lifetime in octets after which a successor is sought. */
const SOFT_SHARE = 0.9;

/** What a policy says of the numbers of packets that come in. */
export type SequenceChecks = Pick<Protection, 'antiReplayWindow' | 'resynchronise'>;

/** What IKE has agreed on. */
export function negotiatedAgreement(child: NegotiatedChild, sequences: SequenceChecks): SaAgreement {
  const { antiReplayWindow = ANTI_REPLAY_WINDOW, resynchronise } = sequences;
  return {
    ...child,
    ...(child.esn && resynchronise && { resynchronise }),
    inbound: agreedSa(child, 'inbound'),
    outbound: agreedSa(child, 'outbound'),
    antiReplayWindow,
    toldBy: 'destination',
    life: {
      softExpiry: after(child.establishedAt, child.softLifetime),
      hardExpiry: after(child.establishedAt, child.lifetime),
      lifetime: lifetimeOf(child),
    },
  };
}

function agreedSa({ protections }: NegotiatedChild, direction: 'inbound' | 'outbound'): AgreedSa {
  const sa: { -readonly [Name in keyof AgreedSa]: AgreedSa[Name] } = {};
  for (const protection of protections) {
    const keys = protection[direction];
    if (protection.protocol === 'ipcomp') sa.ipcomp = { cpi: keys.spi };
    else if (protection.protocol === 'esp') sa.esp = { suite: protection.suite, ...keys };
    else sa.ah = { suite: protection.suite, ...keys };
  }
  return sa;
}

/** Time as a soft bound is left to IKE, which rekeys by it; octets are known here alone. */
function lifetimeOf(child: NegotiatedChild): Lifetime {
  const octets = child.lifetimeKilobytes === undefined ? undefined : child.lifetimeKilobytes * 1024;
  const soft: LifetimeLimits = octets === undefined ? {} : { octets: octets * SOFT_SHARE };
  const hard: LifetimeLimits = octets === undefined ? { time: child.lifetime } : { time: child.lifetime, octets };
  return { establishedAt: child.establishedAt, soft, hard };
}

/** What is nearer to the payload: ESP, if there is ESP. */
export function innerOf({ esp, ah }: AgreedSa): AgreedEsp | AgreedAh {
  const inner = esp ?? ah;
  if (inner === undefined) throw new TypeError('agreement: must be of ESP or AH');
  return inner;
}

/** What packets are found by: AH, if there is AH. */
export function outerOf(sa: AgreedSa): AgreedEsp | AgreedAh {
  return sa.ah ?? innerOf(sa);
}

/** In the order in which a packet that leaves goes through them. */
export function saInfosOf({ ipcomp, esp, ah }: AgreedSa): readonly SaInfo[] {
  return [
    ...(ipcomp === undefined ? [] : [{ protocol: 'ipcomp', spi: ipcomp.cpi, suite: { name: 'deflate' } } as const]),
    ...(esp === undefined ? [] : [{ protocol: 'esp', spi: esp.spi, suite: esp.suite } as const]),
    ...(ah === undefined ? [] : [{ protocol: 'ah', spi: ah.spi, suite: ah.suite } as const]),
  ];
}

/** Whether a key and an IV meet again when the sequence numbers begin anew. */
export function isCounted({ iv }: Pick<EspSuite, 'iv'>): boolean {
  return iv !== 'none' && iv !== 'unpredictable';
}

/** Overwrites the keys of an agreement, of which all is built. */
export function wipeAgreed({ esp, ah }: AgreedSa): void {
  if (esp !== undefined) wipe(esp.encryption, esp.salt, esp.integrity);
  if (ah !== undefined) wipe(ah.integrity);
}

/** Overwrites the keys of a child: of one of which nothing is built, or everything that will be. */
export function wipeChild({ protections }: NegotiatedChild): void {
  for (const { inbound, outbound } of protections) {
    wipeKeys(inbound);
    wipeKeys(outbound);
  }
}

function wipeKeys({ encryption, salt, integrity }: ChildKeys): void {
  wipe(encryption, salt, integrity);
}
