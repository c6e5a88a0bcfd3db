import {
  type Attribute,
  AUTH_ALGORITHM,
  DOI_IPSEC,
  ENCAPSULATION_MODE,
  ESP_TRANSFORM,
  IPSEC_ATTRIBUTE,
  LIFE_TYPE,
  type Payload,
  PROTOCOL_ID,
  type Proposal,
  type SaPayload,
  SITUATION,
  type Transform,
} from '@espalier/wire';
import fc from 'fast-check';
import { list, octets } from '../octets.ts';
import { identification } from './identification.ts';
import { lifetime, numbered } from './transforms.ts';
import { keyExchange, nonce } from './values.ts';

/** Ciphers with a MAC of their own choice, and such as have a key length of their choice (RFC 2407 §4.4.4). */
const fixedKey = fc.constantFrom(ESP_TRANSFORM.tripleDes, ESP_TRANSFORM.des, ESP_TRANSFORM.null);
const chosenKey = fc.constantFrom(ESP_TRANSFORM.aesCbc, ESP_TRANSFORM.aesCtr, ESP_TRANSFORM.camellia);
const combined = fc.constantFrom(ESP_TRANSFORM.aesGcm16, ESP_TRANSFORM.aesGcm8, ESP_TRANSFORM.aesCcm16);
const keyLength = fc.constantFrom(128, 192, 256);

const mac = fc.constantFrom(
  AUTH_ALGORITHM.hmacSha1,
  AUTH_ALGORITHM.hmacMd5,
  AUTH_ALGORITHM.hmacSha2_256,
  AUTH_ALGORITHM.hmacSha2_384,
  AUTH_ALGORITHM.hmacSha2_512,
  AUTH_ALGORITHM.aesXcbcMac,
);

const algorithms: fc.Arbitrary<Pick<Transform, 'id' | 'attributes'>> = fc.oneof(
  fc.tuple(fixedKey, mac).map(([id, mac]) => ({ id, attributes: [authentication(mac)] })),
  fc.tuple(chosenKey, keyLength, mac).map(([id, bits, mac]) => ({ id, attributes: [key(bits), authentication(mac)] })),
  fc.tuple(combined, keyLength).map(([id, bits]) => ({ id, attributes: [key(bits)] })),
);

/** What IPsec peers offer for ESP: every attribute that it takes, once (RFC 2407 §4.4.4, §4.5). */
export const espTransform: fc.Arbitrary<Transform> = fc
  .record({
    algorithms,
    mode: fc.constantFrom(...Object.values(ENCAPSULATION_MODE)),
    group: fc.option(fc.constantFrom(2, 5, 14, 19)),
    seconds: fc.option(lifetime(IPSEC_ATTRIBUTE.lifeType, IPSEC_ATTRIBUTE.lifeDuration, LIFE_TYPE.seconds)),
    kilobytes: fc.option(lifetime(IPSEC_ATTRIBUTE.lifeType, IPSEC_ATTRIBUTE.lifeDuration, LIFE_TYPE.kilobytes)),
    isExtended: fc.boolean(),
  })
  .map(({ algorithms, mode, group, seconds, kilobytes, isExtended }) => ({
    number: 1,
    id: algorithms.id,
    attributes: [
      { type: IPSEC_ATTRIBUTE.encapsulationMode, value: mode },
      ...algorithms.attributes,
      ...(group === null ? [] : [{ type: IPSEC_ATTRIBUTE.groupDescription, value: group }]),
      ...(seconds ?? []),
      ...(kilobytes ?? []),
      ...(isExtended ? [{ type: IPSEC_ATTRIBUTE.extendedSequenceNumber, value: 1 }] : []),
    ],
  }));

/** An SPI of IPsec: 4 octets, those from 1 to 255 being reserved (RFC 4303 §2.1). */
export const ipsecSpi: fc.Arbitrary<Uint8Array> = fc
  .integer({ min: 0x100, max: 0xffff_ffff })
  .map((spi) => Uint8Array.of(spi >>> 24, spi >>> 16, spi >>> 8, spi));

const espProposal: fc.Arbitrary<Proposal> = fc
  .record({ spi: ipsecSpi, transforms: list(espTransform, 1, 4) })
  .map(({ spi, transforms }) => ({ number: 1, protocol: PROTOCOL_ID.esp, spi, transforms: numbered(transforms) }));

/** The SA payload of Quick Mode: proposals for ESP to choose from, numbered from 1 on (RFC 2408 §4.2). */
export const ipsecSa: fc.Arbitrary<SaPayload> = list(espProposal, 1, 3).map((proposals) => ({
  kind: 'sa',
  doi: DOI_IPSEC,
  situation: SITUATION.identityOnly,
  proposals: proposals.map((proposal, i) => ({ ...proposal, number: i + 1 })),
}));

/** Payloads of Quick Mode behind HASH(1): SA, Ni, and as both may be left out KE and the two identities (RFC 2409 §5.5). */
export const quickModePayloads: fc.Arbitrary<readonly Payload[]> = fc
  .record({
    sa: ipsecSa,
    nonce,
    ke: fc.option(keyExchange),
    clients: fc.option(fc.tuple(identification, identification)),
  })
  .map(({ sa, nonce, ke, clients }) => [
    sa,
    nonce,
    ...(ke === null ? [] : [ke]),
    ...(clients ?? []).map((id) => ({ kind: 'id', ...id }) as const),
  ]);

/** A hash as long as one of the hashes makes it, in front of them. */
export const quickModeBody: fc.Arbitrary<readonly Payload[]> = fc
  .tuple(
    fc.constantFrom(20, 16, 32, 48, 64).chain((length) => octets(length)),
    quickModePayloads,
  )
  .map(([data, payloads]) => [{ kind: 'hash', data }, ...payloads]);

function key(bits: number): Attribute {
  return { type: IPSEC_ATTRIBUTE.keyLength, value: bits };
}

function authentication(value: number): Attribute {
  return { type: IPSEC_ATTRIBUTE.authenticationAlgorithm, value };
}
