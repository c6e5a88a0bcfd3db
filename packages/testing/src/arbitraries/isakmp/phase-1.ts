import {
  type Attribute,
  DOI_IPSEC,
  KEY_IKE,
  LIFE_TYPE,
  OAKLEY_ATTRIBUTE,
  OAKLEY_AUTHENTICATION,
  OAKLEY_ENCRYPTION,
  OAKLEY_HASH,
  PROTOCOL_ID,
  type SaPayload,
  SITUATION,
  type Transform,
} from '@espalier/wire';
import fc from 'fast-check';
import { list, octets } from '../octets.ts';
import { lifetime, numbered } from './transforms.ts';

const cipher: fc.Arbitrary<readonly Attribute[]> = fc.oneof(
  fc
    .constantFrom(OAKLEY_ENCRYPTION.desCbc, OAKLEY_ENCRYPTION.tripleDesCbc)
    .map((value) => [{ type: OAKLEY_ATTRIBUTE.encryption, value }]),
  fc
    .tuple(fc.constantFrom(OAKLEY_ENCRYPTION.aesCbc, OAKLEY_ENCRYPTION.camelliaCbc), fc.constantFrom(128, 192, 256))
    .map(([value, bits]) => [
      { type: OAKLEY_ATTRIBUTE.encryption, value },
      { type: OAKLEY_ATTRIBUTE.keyLength, value: bits },
    ]),
);

const hash = fc.constantFrom(
  OAKLEY_HASH.sha1,
  OAKLEY_HASH.md5,
  OAKLEY_HASH.sha2_256,
  OAKLEY_HASH.sha2_384,
  OAKLEY_HASH.sha2_512,
);

const authentication = fc.constantFrom(
  OAKLEY_AUTHENTICATION.preSharedKey,
  OAKLEY_AUTHENTICATION.rsaSignature,
  OAKLEY_AUTHENTICATION.ecdsaSha256,
  OAKLEY_AUTHENTICATION.xauthInitiatorPreShared,
  OAKLEY_AUTHENTICATION.hybridInitiatorRsa,
);

/** MODP, ECP and Curve25519, by number (RFC 2409 §6, RFC 3526, RFC 5903, RFC 8031). */
const group = fc.constantFrom(2, 1, 5, 14, 15, 16, 19, 20, 21, 31);

/**
 * What IKE peers offer for phase 1: every attribute that it takes, once, a Life Duration behind its Life Type
 * (RFC 2409 Appendix A, RFC 2407 §4.4.2).
 */
export const ikeTransform: fc.Arbitrary<Transform> = fc
  .record({
    cipher,
    hash,
    authentication,
    group,
    seconds: fc.option(lifetime(OAKLEY_ATTRIBUTE.lifeType, OAKLEY_ATTRIBUTE.lifeDuration, LIFE_TYPE.seconds)),
    kilobytes: fc.option(lifetime(OAKLEY_ATTRIBUTE.lifeType, OAKLEY_ATTRIBUTE.lifeDuration, LIFE_TYPE.kilobytes)),
  })
  .map(({ cipher, hash, authentication, group, seconds, kilobytes }) => ({
    number: 1,
    id: KEY_IKE,
    attributes: [
      ...cipher,
      { type: OAKLEY_ATTRIBUTE.hash, value: hash },
      { type: OAKLEY_ATTRIBUTE.authentication, value: authentication },
      { type: OAKLEY_ATTRIBUTE.groupDescription, value: group },
      ...(seconds ?? []),
      ...(kilobytes ?? []),
    ],
  }));

/** The SA payload of phase 1: one proposal (RFC 2409 §5), for ISAKMP, with one transform or more to choose from. */
export const ikeSa: fc.Arbitrary<SaPayload> = fc
  .record({ spi: fc.oneof(octets(0), octets(8), octets(16)), transforms: list(ikeTransform, 1, 6) })
  .map(({ spi, transforms }) => ({
    kind: 'sa',
    doi: DOI_IPSEC,
    situation: SITUATION.identityOnly,
    proposals: [{ number: 1, protocol: PROTOCOL_ID.isakmp, spi, transforms: numbered(transforms) }],
  }));
