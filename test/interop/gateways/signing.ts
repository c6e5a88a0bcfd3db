import type { SignatureMethod } from '@espalier/ike';
import type { GatewayRouter, Seat } from '../machine/network.ts';

/** How both ends prove who they are where they share no key. */
export interface Signing {
  readonly method: SignatureMethod;
  /** 'raw': each end has the other's public key. Default: certificates, with a CRL of every authority. */
  readonly keys?: 'certificates' | 'raw';
  /** Authorities between the root and each end, of each end its own. Default 1. */
  readonly between?: number;
  /** Whose certificate its authority has revoked. */
  readonly revoked?: GatewayRouter;
  /** Of a user on the road nothing is proved but the password. */
  readonly hybrid?: true;
  /** Large messages go whole, and the network takes them apart. Default: in fragments of IKE. */
  readonly whole?: true;
}

/** Who an end says it is: the name in its certificate. */
export function nameOf(router: Seat): string {
  return `${router.toLowerCase()}.example.net`;
}
