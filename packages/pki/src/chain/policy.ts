import { requireChoice, requireNumber, requireObject, requireTexts } from '../arguments.ts';
import { OID } from '../certificate/object-identifiers.ts';

/** What a chain must be like beyond RFC 5280. */
export interface TrustPolicy {
  /**
   * 'required', the default: every certificate but the trust anchor needs a fresh CRL, or OCSP response. 'if-present':
   * only if there is one for it; what there is must be fresh. 'off': nothing is asked.
   */
  readonly revocation?: 'required' | 'if-present' | 'off';
  /** How old a CRL, or an OCSP response, may be that does not say when the next one comes, in hours. Default 24. */
  readonly freshHours?: number;
  /** RSA keys have at least so many bits: 1024 to 8192. Default 2048. */
  readonly leastRsaBits?: number;
  /** Take signatures over SHA-1. Default false: SHA-1 has been broken for certificates. */
  readonly allowSha1?: boolean;
  /** Purposes (object identifiers) of which an end entity that names some must name one; 'any': no matter. */
  readonly extendedKeyUsages?: readonly string[] | 'any';
  /** Certificate policies (object identifiers) of which the chain must have one (RFC 5280 §6.1.1 c). Default: any. */
  readonly certificatePolicies?: readonly string[];
}

export type CompleteTrustPolicy = Required<Omit<TrustPolicy, 'certificatePolicies'>> &
  Pick<TrustPolicy, 'certificatePolicies'>;

/** What deployed IKE peers have: IPsec of now and once, what servers and clients of TLS have, and anything. */
export const IKE_EXTENDED_KEY_USAGES: readonly string[] = [
  OID.anyExtendedKeyUsage,
  OID.ipsecIke,
  OID.serverAuth,
  OID.clientAuth,
  OID.ikeIntermediate,
  OID.ipsecEndSystem,
  OID.ipsecTunnel,
  OID.ipsecUser,
];

/** @throws TypeError for a member of another kind; RangeError for one that is out of its range. */
export function completePolicy(policy: TrustPolicy): CompleteTrustPolicy {
  requireObject('policy', policy);
  const complete = {
    revocation: policy.revocation ?? ('required' as const),
    freshHours: policy.freshHours ?? 24,
    leastRsaBits: policy.leastRsaBits ?? 2048,
    allowSha1: policy.allowSha1 ?? false,
    extendedKeyUsages: policy.extendedKeyUsages ?? IKE_EXTENDED_KEY_USAGES,
    ...(policy.certificatePolicies === undefined ? {} : { certificatePolicies: policy.certificatePolicies }),
  };
  const { revocation, freshHours, leastRsaBits, allowSha1, extendedKeyUsages, certificatePolicies } = complete;
  requireChoice('policy.revocation', revocation, ['required', 'if-present', 'off']);
  requireNumber('policy.freshHours', freshHours, 0, Number.POSITIVE_INFINITY);
  if (freshHours === 0) throw new RangeError('policy.freshHours must be more than 0');
  requireNumber('policy.leastRsaBits', leastRsaBits, 1024, 8192);
  if (typeof allowSha1 !== 'boolean') throw new TypeError('policy.allowSha1 must be true or false');
  if (extendedKeyUsages !== 'any') requireTexts('policy.extendedKeyUsages', extendedKeyUsages);
  if (certificatePolicies !== undefined) requireTexts('policy.certificatePolicies', certificatePolicies);
  return complete;
}
