import type { Answer, PeerConfig } from '@espalier/ike';
import { answerWith, type Certificate, certificatePayloads, Pki } from '@espalier/pki';
import { fqdnId, requireMembers, requireObject } from '@espalier/wire';
import { requireNumber } from '../arguments.ts';
import type { EndsOptions } from '../sessions/ends/ends.ts';
import { METHODS } from '../sessions/ends/methods.ts';
import { publicKeyOfEnd } from '../sessions/ends/signers.ts';
import { otherSide, requireSpecification, type SessionSpecification, type Side } from '../sessions/specification.ts';
import { around, authority, OTHER_KEYS } from './authority.ts';
import { type CertifiedPeer, chainOf } from './chains.ts';

/** When chains are looked at, and which. */
export interface CertifiedEndsOptions {
  /** Milliseconds since 1970: it does not pass in a session. */
  readonly at: number;
  /**
   * What an end that signs shows: a chain of its key, which is `publicKeyOfEnd(side, specification)` of
   * `@espalier/testing/sessions`. Default: one that is believed, with an authority between it and the trust anchor.
   */
  readonly shown?: Readonly<Partial<Record<Side, CertifiedPeer>>>;
}

const MEMBERS: Readonly<Record<keyof CertifiedEndsOptions, true>> = { at: true, shown: true };

/**
 * With what `sessionEnds`, `play` and their like have ends that show X.509 chains, and look at those that they are shown
 * (RFC 5280 §6, RFC 4945). Ends that share a key are as they were. Whoever has the stranger's part believes in another trust
 * anchor.
 * @throws TypeError or RangeError that names what is bad.
 */
export function certifiedEnds(
  specification: SessionSpecification,
  options: CertifiedEndsOptions,
): Required<Pick<EndsOptions, 'configured' | 'answering'>> {
  requireSpecification(specification);
  requireObject('options', options);
  requireMembers('options', options, MEMBERS);
  const { at, shown = {} } = options;
  requireNumber('options.at', at);
  const { signers } = METHODS[specification.authentication];
  const chainOfEnd = (side: Side): CertifiedPeer | undefined =>
    signers.includes(side) ? (shown[side] ?? plainChain(side, specification, at)) : undefined;
  const chains = { left: chainOfEnd('left'), right: chainOfEnd('right') };
  const pkis = {
    left: pkiOf(chains.right?.trustAnchor),
    right: pkiOf(specification.isStranger && chains.left !== undefined ? strange(at) : chains.left?.trustAnchor),
  };
  return {
    configured: (side, peer) => certified(peer, chains[side], chains[otherSide(side)], pkis[side]),
    answering: (side, question): Answer | undefined => {
      const pki = pkis[side];
      return pki === undefined || question.kind !== 'verify-chain' ? undefined : answerWith(pki)(question, at);
    },
  };
}

function plainChain(side: Side, specification: SessionSpecification, at: number): CertifiedPeer {
  const host = `${side}.example`;
  const names = [{ name: { dns: host }, identity: fqdnId(host) }];
  const key = publicKeyOfEnd(side, specification);
  return chainOf(at, { key, names, serial: '2a', common: side, purposes: null, isLong: true, pick: 0 });
}

/** Of nobody's chain. */
function strange(at: number): Certificate {
  return authority('O=Espalier, CN=Stranger', OTHER_KEYS, around(at)).name;
}

function pkiOf(trustAnchor: Certificate | undefined): Pki | undefined {
  return trustAnchor && new Pki({ trustAnchors: [trustAnchor], policy: { revocation: 'off' } });
}

/** `own` and `other`: what this end shows, and the other. */
function certified(
  peer: PeerConfig,
  own: CertifiedPeer | undefined,
  other: CertifiedPeer | undefined,
  pki: Pki | undefined,
): PeerConfig {
  const { credentials } = peer;
  if (credentials === undefined) return peer;
  return {
    ...peer,
    ...(own === undefined ? {} : { localIdentity: own.identity }),
    ...(other === undefined ? {} : { remoteIdentity: other.identity }),
    credentials: {
      ...credentials,
      ...(own === undefined ? {} : { certificates: certificatePayloads(own.chain), sendCertificates: 'if-asked' }),
      ...(pki === undefined ? {} : { remoteKey: 'ask', requests: pki.certificateRequests() }),
    },
  };
}
