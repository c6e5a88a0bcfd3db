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

/** @throws RangeError for a member that is out of its range. */
export function completePolicy(policy: TrustPolicy): CompleteTrustPolicy {
  const complete = {
    revocation: 'required' as const,
    freshHours: 24,
    leastRsaBits: 2048,
    allowSha1: false,
    extendedKeyUsages: IKE_EXTENDED_KEY_USAGES,
    ...policy,
  };
  if (!['required', 'if-present', 'off'].includes(complete.revocation)) {
    throw new RangeError("policy.revocation must be 'required', 'if-present' or 'off'");
  }
  if (!(complete.freshHours > 0)) throw new RangeError('policy.freshHours must be more than 0');
  if (!(complete.leastRsaBits >= 1024 && complete.leastRsaBits <= 8192)) {
    throw new RangeError('policy.leastRsaBits must be 1024 to 8192');
  }
  return complete;
}
