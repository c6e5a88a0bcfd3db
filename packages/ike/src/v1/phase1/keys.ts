import { copyOctets, type PrfName, wipe } from '@espalier/crypto';
import { type DecodedPayload, type Payload, toHex } from '@espalier/wire';
import { findNats, type NatFindings, natDiscovery } from '../../nat/discovery.ts';
import { natHashes } from '../../nat/payloads.ts';
import { floated } from '../../nat/ports.ts';
import type { CertificateRequest, IkeProposal } from '../../types.ts';
import { AUTHENTICATION_METHODS } from '../authentication/methods.ts';
import type { Cookies } from '../cookies.ts';
import { type Phase1Transcript, phase1Secrets, prfOf } from '../keying.ts';
import type { Phase1Choice } from '../proposals/phase1.ts';
import { IkeKeys } from '../protection.ts';
import type { Extensions } from './extensions.ts';
import type { Phase1Context } from './phase1.ts';

/** A peer that it may be, and what was agreed on with it. */
export interface Candidate {
  readonly context: Phase1Context;
  readonly choice: Phase1Choice;
}

/** What both sides know once the keys are there and the peer is not authenticated yet. */
export interface Keyed extends Candidate {
  readonly cookies: Cookies;
  readonly keys: IkeKeys;
  readonly transcript: Phase1Transcript;
  /** For the next message in either direction. */
  readonly iv: Uint8Array;
  readonly extensions: Extensions;
  readonly nat: NatFindings | undefined;
  /** What the peer has asked for, so far. */
  readonly requests: readonly CertificateRequest[];
}

/** What NAT-D is made from and read with. */
export interface Settled extends Candidate {
  readonly cookies: Cookies;
  readonly extensions: Extensions;
}

/**
 * NAT-D payloads; none unless both sides know of them. `nat`: what the peer's have shown already, so that the message goes
 * between ports 4500.
 */
export function discoveryPayloads(
  { context: { natTraversal }, choice, cookies, extensions }: Settled,
  nat?: NatFindings,
): readonly Payload[] {
  if (natTraversal === undefined || extensions.natMethod === undefined) return [];
  const path = nat === undefined ? natTraversal.path : floated(natTraversal.path, nat.method);
  return natDiscovery({ ...natTraversal, path }, extensions.natMethod, { hash: choice.proposal.hash, cookies });
}

/**
 * What the peer's NAT-D payloads show. `isLate`: with the very message that they are in the peer may have gone to port
 * 4500 (RFC 3947 §4), and speak of either path.
 */
export function readDiscovery(
  { context: { natTraversal }, choice, cookies, extensions }: Settled,
  payloads: readonly DecodedPayload[],
  isLate = false,
): NatFindings | undefined {
  if (natTraversal === undefined || extensions.natMethod === undefined) return undefined;
  const { path, force } = natTraversal;
  const paths = isLate ? [path, floated(path, extensions.natMethod)] : [path];
  return findNats({ paths, force }, extensions.natMethod, { hash: choice.proposal.hash, cookies }, payloads);
}

/**
 * What two copies of one message show of NATs, of which one came altered: no NAT-D is right by chance, and one that is not
 * there shows nothing.
 */
export function mendDiscovery(
  copies: readonly { readonly settled: Settled; readonly payloads: readonly DecodedPayload[] }[],
  isLate = false,
): NatFindings | undefined {
  const found = copies
    .filter(({ settled, payloads }) => isDiscovered(settled, payloads))
    .map(({ settled, payloads }) => readDiscovery(settled, payloads, isLate));
  const behind = found.flatMap((nat) => nat ?? []);
  const [first] = behind;
  if (first === undefined || behind.length < found.length) return undefined;
  return {
    ...first,
    isLocalBehind: behind.every(({ isLocalBehind }) => isLocalBehind),
    isRemoteBehind: behind.every(({ isRemoteBehind }) => isRemoteBehind),
  };
}

function isDiscovered({ extensions: { natMethod } }: Settled, payloads: readonly DecodedPayload[]): boolean {
  return natMethod !== undefined && natHashes(natMethod, payloads).length > 0;
}

/** What SKEYID and all that follows from it are made of. */
export interface Phase1Material {
  readonly cookies: Cookies;
  readonly gxy: Uint8Array;
  readonly niB: Uint8Array;
  readonly nrB: Uint8Array;
  /** What both sides know beforehand; 0 octets where the method shares nothing. */
  readonly secret: Uint8Array;
}

/** Of HASH_I and HASH_R: the negotiated prf, unless the signature is tied to another (RFC 2409 §5.1). */
export function proofHash(proposal: IkeProposal): PrfName {
  return AUTHENTICATION_METHODS[proposal.authentication].hash ?? prfOf(proposal);
}

export function skeyidOf(proposal: IkeProposal, material: Phase1Material): Uint8Array {
  return AUTHENTICATION_METHODS[proposal.authentication].skeyid({ prf: prfOf(proposal), ...material });
}

/** SKEYID_d, SKEYID_a, SKEYID_e and the cipher (RFC 2409 §5 and Appendix B); g^xy is the caller's to wipe. */
export function deriveKeys(
  context: Phase1Context,
  proposal: IkeProposal,
  { cookies, gxy }: Phase1Material,
  skeyid: Uint8Array,
): IkeKeys {
  const secrets = phase1Secrets(prfOf(proposal), skeyid, gxy, cookies.initiator, cookies.responder);
  return new IkeKeys(proposal, skeyid, secrets, logging(context, proposal, cookies, { skeyid, ...secrets }));
}

/** Writes what is derived, and the key of the cipher once there is one, into the caller's key log. */
export function logging(
  { keyLog }: Phase1Context,
  proposal: IkeProposal,
  cookies: Cookies,
  { skeyid, d, a }: Pick<IkeKeys, 'skeyid' | 'd' | 'a'>,
): (encryption: Uint8Array) => void {
  return (encryption) => {
    if (keyLog === undefined) return;
    const shown = copyOctets('skeyid', skeyid);
    try {
      keyLog({
        kind: 'ike',
        initiatorCookie: toHex(cookies.initiator),
        responderCookie: toHex(cookies.responder),
        proposal,
        encryption,
        skeyid: shown,
        skeyidD: d,
        skeyidA: a,
      });
    } finally {
      wipe(shown);
    }
  };
}
