import {
  type AhGmac,
  type AhSuite,
  ahSuite,
  ESP_SUITES,
  type EspKeys,
  type EspMac,
  type EspSuite,
  UNAUTHENTICATED_SUITES,
} from '@espalier/crypto';
import { keymat } from '@espalier/ike';
import {
  AH_TRANSFORM,
  AUTH_ALGORITHM,
  type DecodedPayload,
  ENCAPSULATION_MODE,
  ESP_TRANSFORM,
  formatIdentification,
  IPSEC_ATTRIBUTE,
  PROTOCOL_ID,
  type Proposal,
  readU32,
  type SaPayload,
} from '@espalier/wire';
import { groupName, wordIn } from '../../text/names.ts';
import { isGroup, lifetimesOf, numbersOf, type Protection } from './reading/agreement.ts';
import type { DhPrivates } from './reading/dh-privates.ts';
import type { Nonces } from './reading/opening.ts';

/** One direction of what a Quick Mode agreed on. */
export interface SeenChild {
  readonly protocol: 'esp' | 'ah';
  /** To whom the packets with this SPI go: the side that has chosen it. */
  readonly to: 'starter' | 'other';
  readonly spi: number;
  readonly oppositeSpi: number;
  readonly suiteName: string;
  /** Suites with their keys, the likeliest first; none where they do not follow from what was read, or of the other protocol. */
  readonly keyed: readonly { readonly suite: EspSuite; readonly keys: EspKeys }[];
  readonly keyedAh: readonly { readonly suite: AhSuite; readonly key: Uint8Array }[];
  readonly mode: 'tunnel' | 'transport';
  readonly esn: boolean;
  /** Of ESP: AH was agreed on with it. */
  readonly isInAh: boolean;
  readonly pfsGroup: string | undefined;
  readonly lifetimeSeconds: number | undefined;
  readonly lifetimeKilobytes: number | undefined;
  readonly selectors: readonly [string, string] | undefined;
}

/** What is known of a Quick Mode whose messages 1 and 2 were read. */
export interface QuickModeSeen {
  readonly offer: SaPayload;
  readonly choice: SaPayload;
  readonly ids: readonly DecodedPayload[];
  readonly keys: readonly [Uint8Array, Uint8Array] | undefined;
}

/** Both directions of each protocol that was agreed on, keyed where SKEYID_d is known (RFC 2409 §5.5). */
export function childrenOf(
  { offer, choice, ids, keys: publicValues }: QuickModeSeen,
  privates: DhPrivates,
  protection: Protection | undefined,
  d: Uint8Array | undefined,
  { ni, nr }: Nonces,
): readonly SeenChild[] {
  const [idci, idcr] = ids.flatMap((id) => (id.kind === 'id' ? [formatIdentification(id)] : []));
  const hasAh = choice.proposals.some((chosen) => chosen.protocol === PROTOCOL_ID.ah);
  return choice.proposals.flatMap((chosen): readonly SeenChild[] => {
    const protocol = protocolOf(chosen.protocol);
    const offered = offer.proposals.find(
      (proposal) =>
        proposal.protocol === chosen.protocol && (proposal.number === chosen.number || offer.proposals.length === 1),
    );
    const [transform] = chosen.transforms;
    if (protocol === undefined || offered === undefined || transform === undefined) return [];
    if (chosen.spi.length !== 4 || offered.spi.length !== 4) return [];
    const number = numbersOf(transform.attributes);
    const group = number.get(IPSEC_ATTRIBUTE.groupDescription);
    const suites = protocol === 'esp' ? suitesOf(transform.id, number) : [];
    const ahSuites = protocol === 'ah' ? ahSuitesOf(transform.id, number) : [];
    const secret =
      group === undefined
        ? NO_SECRET
        : isGroup(group) && publicValues !== undefined
          ? privates.agreed(group, publicValues)
          : undefined;
    const keymatFor = (spi: Uint8Array, octets: number): readonly Uint8Array[] => {
      if (protection === undefined || !d || !ni || !nr || secret === undefined) return [];
      const of = { gqmxy: secret, protocol: chosen.protocol, spi, niB: ni, nrB: nr };
      return [keymat(protection.hash, d, of, octets)];
    };
    const keysFor = (spi: Uint8Array): Pick<SeenChild, 'keyed' | 'keyedAh'> => ({
      keyed: suites.flatMap((suite) =>
        keymatFor(spi, keymatOctets(suite)).map((octets) => ({ suite, keys: cut(suite, octets) })),
      ),
      keyedAh: ahSuites.flatMap((suite) => keymatFor(spi, suite.integrityKeyOctets).map((key) => ({ suite, key }))),
    });
    const shared = {
      protocol,
      suiteName: [...suites, ...ahSuites][0]?.name ?? suiteText(chosen, number),
      mode: modeOf(number.get(IPSEC_ATTRIBUTE.encapsulationMode)),
      esn: number.get(IPSEC_ATTRIBUTE.extendedSequenceNumber) === 1,
      isInAh: hasAh && protocol === 'esp',
      pfsGroup: group === undefined ? undefined : groupName(group),
      ...lifetimesOf(transform.attributes, IPSEC_ATTRIBUTE),
      selectors: idci === undefined || idcr === undefined ? undefined : ([idci, idcr] as const),
    };
    const [own, other] = [readU32(offered.spi, 0), readU32(chosen.spi, 0)];
    return [
      { ...shared, to: 'other', spi: other, oppositeSpi: own, ...keysFor(chosen.spi) } as const,
      { ...shared, to: 'starter', spi: own, oppositeSpi: other, ...keysFor(offered.spi) } as const,
    ];
  });
}

/** Undefined of what Quick Mode agrees on beside, as IPComp. */
export function protocolOf(number: number): SeenChild['protocol'] | undefined {
  return number === PROTOCOL_ID.esp ? 'esp' : number === PROTOCOL_ID.ah ? 'ah' : undefined;
}

const NO_SECRET = new Uint8Array(0);

function modeOf(encapsulation: number | undefined): SeenChild['mode'] {
  const isTransport =
    encapsulation === ENCAPSULATION_MODE.transport ||
    encapsulation === ENCAPSULATION_MODE.udpTransport ||
    encapsulation === ENCAPSULATION_MODE.udpTransportDraft;
  return isTransport ? 'transport' : 'tunnel';
}

/** Ciphers by their number (RFC 2407 §4.4.4 and IANA): with the ICV of those that have their own, and the key where none is told. */
const CIPHERS: ReadonlyMap<
  number,
  { readonly encryption: EspSuite['encryption']; readonly icv?: number; readonly key: number }
> = new Map([
  [ESP_TRANSFORM.des, { encryption: 'des-cbc', key: 8 }],
  [ESP_TRANSFORM.tripleDes, { encryption: '3des-cbc', key: 24 }],
  [ESP_TRANSFORM.null, { encryption: 'null', key: 0 }],
  [ESP_TRANSFORM.aesCbc, { encryption: 'aes-cbc', key: 16 }],
  [ESP_TRANSFORM.aesCtr, { encryption: 'aes-ctr', key: 16 }],
  [ESP_TRANSFORM.camellia, { encryption: 'camellia-cbc', key: 16 }],
  [ESP_TRANSFORM.aesCcm8, { encryption: 'aes-ccm', icv: 8, key: 16 }],
  [ESP_TRANSFORM.aesCcm12, { encryption: 'aes-ccm', icv: 12, key: 16 }],
  [ESP_TRANSFORM.aesCcm16, { encryption: 'aes-ccm', icv: 16, key: 16 }],
  [ESP_TRANSFORM.aesGcm8, { encryption: 'aes-gcm', icv: 8, key: 16 }],
  [ESP_TRANSFORM.aesGcm12, { encryption: 'aes-gcm', icv: 12, key: 16 }],
  [ESP_TRANSFORM.aesGcm16, { encryption: 'aes-gcm', icv: 16, key: 16 }],
  [ESP_TRANSFORM.nullAuthAesGmac, { encryption: 'aes-gmac', icv: 16, key: 16 }],
]);
/** Some peers truncate SHA-256 to 96 bits under the number of 128. */
const MACS: ReadonlyMap<number | undefined, readonly EspMac[]> = new Map([
  [AUTH_ALGORITHM.hmacMd5, ['hmac-md5-96']],
  [AUTH_ALGORITHM.hmacSha1, ['hmac-sha1-96']],
  [AUTH_ALGORITHM.hmacSha2_256, ['hmac-sha2-256-128', 'hmac-sha2-256-96']],
  [AUTH_ALGORITHM.hmacSha2_384, ['hmac-sha2-384-192']],
  [AUTH_ALGORITHM.hmacSha2_512, ['hmac-sha2-512-256']],
  [AUTH_ALGORITHM.aesXcbcMac, ['aes-xcbc-96']],
]);
/** The same numbers as transforms and as attributes (RFC 4543 §9). */
const GMACS: ReadonlyMap<number | undefined, AhGmac> = new Map([
  [AUTH_ALGORITHM.aes128Gmac, 'aes-128-gmac'],
  [AUTH_ALGORITHM.aes192Gmac, 'aes-192-gmac'],
  [AUTH_ALGORITHM.aes256Gmac, 'aes-256-gmac'],
]);
/** What a transform of AH says that leaves the attribute out (RFC 2407 §4.4.3). */
const AH_MACS: ReadonlyMap<number, number> = new Map([
  [AH_TRANSFORM.md5, AUTH_ALGORITHM.hmacMd5],
  [AH_TRANSFORM.sha1, AUTH_ALGORITHM.hmacSha1],
]);

function suitesOf(id: number, numbers: ReadonlyMap<number, number | undefined>): readonly EspSuite[] {
  const form = CIPHERS.get(id);
  const bits = numbers.get(IPSEC_ATTRIBUTE.keyLength);
  const keyOctets = bits === undefined ? form?.key : bits / 8;
  const algorithm = numbers.get(IPSEC_ATTRIBUTE.authenticationAlgorithm);
  // What has no MAC says so by leaving the attribute out (RFC 2407 §4.5).
  const macs = form?.icv !== undefined || algorithm === undefined ? (['none'] as const) : (MACS.get(algorithm) ?? []);
  return macs.flatMap((integrity) =>
    [...ESP_SUITES, ...UNAUTHENTICATED_SUITES].filter(
      (suite) =>
        suite.encryption === form?.encryption &&
        suite.iv !== 'implicit' &&
        suite.integrity === integrity &&
        suite.encryptionKeyOctets === keyOctets &&
        suite.icvOctets === (form.icv ?? suite.icvOctets),
    ),
  );
}

function ahSuitesOf(id: number, numbers: ReadonlyMap<number, number | undefined>): readonly AhSuite[] {
  const algorithm = numbers.get(IPSEC_ATTRIBUTE.authenticationAlgorithm) ?? AH_MACS.get(id);
  const gmac = GMACS.get(algorithm);
  const names = gmac === undefined ? (MACS.get(algorithm) ?? []) : [gmac];
  return names.map(ahSuite);
}

/** What the library has no suite for. */
function suiteText({ protocol, transforms }: Proposal, numbers: ReadonlyMap<number, number | undefined>): string {
  const [transform] = transforms;
  const auth = numbers.get(IPSEC_ATTRIBUTE.authenticationAlgorithm);
  const cipher = protocol === PROTOCOL_ID.esp ? wordIn(ESP_TRANSFORM, transform?.id ?? 0) : 'ah';
  return auth === undefined ? cipher : `${cipher}/${wordIn(AUTH_ALGORITHM, auth)}`;
}

function keymatOctets(suite: EspSuite): number {
  return suite.encryptionKeyOctets + suite.saltOctets + suite.integrityKeyOctets;
}

/** The key of the cipher, its salt behind, then that of the MAC (RFC 2407 §4.5, RFC 4106 §8.1). */
function cut(suite: EspSuite, octets: Uint8Array): EspKeys {
  const saltAt = suite.encryptionKeyOctets;
  const macAt = saltAt + suite.saltOctets;
  return {
    encryption: octets.subarray(0, saltAt),
    salt: octets.subarray(saltAt, macAt),
    integrity: octets.subarray(macAt),
  };
}
