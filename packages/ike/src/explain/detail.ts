import type { PublicKeyFault } from '@espalier/crypto';
import type { PeerError } from '../peer-error.ts';
import type { ExchangeMode, IpsecMode } from '../types.ts';
import type { NamedClient, NamedIdentity } from './identity.ts';
import type { NearestTransform, TransformText } from './transforms.ts';

/**
 * What a refusal is about, with what came and what is configured side by side. Names are the RFCs'. Nothing here is
 * secret, and nothing grows with what a peer sends: lists are cut, and the counts beside them are of the whole.
 */
export type RefusalDetail =
  /** No transform of the offer is allowed; or, as initiator, the peer chose what was not offered. */
  | ProposalsDetail
  /** Phase 1: who the peer says it is, and who it may say it is. */
  | {
      readonly kind: 'identity';
      readonly came: NamedIdentity;
      /** 'any': the identity itself is malformed. */
      readonly expected: 'any' | readonly NamedIdentity[];
    }
  /** Phase 2: for whose packets the peer wants the child, and for whose there is one. */
  | SelectorsDetail
  /** What the shared key makes does not open the message, or does not verify it: most likely the keys differ. */
  | {
      readonly kind: 'keys-differ';
      /** Whose keys were tried. */
      readonly peers: readonly string[];
    }
  | { readonly kind: 'no-shared-key'; readonly peer: string; readonly identity: NamedIdentity | undefined }
  /** Nobody signs for this side; `identity`: its own. */
  | { readonly kind: 'no-signature'; readonly peer: string; readonly identity: NamedIdentity }
  /** The caller does not believe the peer's certificates. */
  | {
      readonly kind: 'certificates';
      readonly peer: string;
      /** Whom the peer says it is. */
      readonly identity: NamedIdentity;
      /** How many it sent. */
      readonly count: number;
      /** As the caller says it. */
      readonly reason: string;
    }
  /** The peer's key is not used, whatever it has signed. */
  | {
      readonly kind: 'public-key';
      readonly peer: string;
      readonly identity: NamedIdentity;
      /** 'other-kind': than the method needs. */
      readonly fault: PublicKeyFault | 'other-kind';
    }
  /** The peer's signature does not verify. */
  | {
      readonly kind: 'signature';
      readonly peer: string;
      readonly identity: NamedIdentity;
      /**
       * What is signed, as far as RSA shows it: a hash of right length, but another one, or one of another length; the
       * hash behind a DigestInfo, as everywhere but in IKEv1; or nothing that the key can tell.
       */
      readonly signed: 'another-hash' | 'another-length' | 'with-digest-info' | 'by-another-key' | 'unknown';
    }
  /** Nobody says whose key the peer's is; `identity`: whom it says it is. */
  | { readonly kind: 'no-verdict'; readonly peer: string; readonly identity: NamedIdentity }
  /** Phase 1 began otherwise than it is configured. */
  | {
      readonly kind: 'exchange';
      /** 'main', 'aggressive', or what else the header says. */
      readonly asked: string;
      readonly configured: readonly { readonly peer: string; readonly mode: ExchangeMode }[];
    }
  /** A first message from where nobody is configured. */
  | {
      readonly kind: 'address';
      readonly configured: readonly ConfiguredPlace[];
      readonly configuredCount: number;
    }
  /** The message is of another version of ISAKMP: 2 is IKEv2. */
  | { readonly kind: 'version'; readonly major: number }
  /** Octets that are no message; `fault` and `path` as in `DecodeError`. */
  | { readonly kind: 'malformed'; readonly fault: string; readonly path: string };

/** What came of a negotiation that failed: a refusal, or less. */
export type FailureDetail =
  | RefusalDetail
  /** Nothing came that could be taken. */
  | ({ readonly kind: 'silence' } & Standstill)
  /** Nothing came but an error that the peer, or anybody else, told. */
  | ToldDetail;

export interface ToldDetail extends Standstill {
  readonly kind: 'told';
  readonly error: PeerError;
  /** Whether it was the peer: in phase 1 anybody may have told it. */
  readonly authenticated: boolean;
  /** What this side had said, of which that is most likely told. */
  readonly ours?: OwnSide;
}

/** What this side says of itself when it begins. */
export type OwnSide =
  | {
      readonly kind: 'offer';
      readonly phase: 1 | 2;
      readonly offered: readonly TransformText[];
      readonly offeredCount: number;
    }
  | { readonly kind: 'identity'; readonly identity: NamedIdentity }
  | { readonly kind: 'selectors'; readonly local: NamedClient; readonly remote: NamedClient };

/** How far an exchange had come. */
export interface Standstill {
  readonly exchange: ExchangeMode | 'quick' | 'xauth' | 'mode-config';
  /** Which message of the exchange this side sent last, from 1; 0 before any. */
  readonly sent: number;
  /** Whether it went over UDP port 4500. */
  readonly inUdp: boolean;
  /** Both sides prove who they are by signatures, and it has come to that. */
  readonly isSigned?: boolean;
}

export interface ProposalsDetail {
  readonly kind: 'proposals';
  readonly phase: 1 | 2;
  /** What the peer sent: its offer, or its choice. */
  readonly offered: readonly TransformText[];
  readonly offeredCount: number;
  /** What this side allows; as initiator, what it offered. */
  readonly allowed: readonly TransformText[];
  readonly allowedCount: number;
  /** Of all pairs the one with the fewest differences; undefined where the peer sent none. */
  readonly nearest: NearestTransform | undefined;
}

export interface SelectorsDetail {
  readonly kind: 'selectors';
  /** The initiator's side of the traffic, and the responder's. */
  readonly idci: NamedIdentity;
  readonly idcr: NamedIdentity;
  /** What could have been taken: of the same ends, as initiator and responder name them. */
  readonly configured: readonly {
    readonly policy: string;
    /** In transport mode only the gateways' own addresses can be taken. */
    readonly mode: IpsecMode;
    readonly idci: NamedClient;
    readonly idcr: NamedClient;
  }[];
  readonly configuredCount: number;
}

/** Where a peer is configured to be. */
export interface ConfiguredPlace {
  readonly peer: string;
  readonly local: string;
  /** An address, prefixes, or 'any'. */
  readonly remote: string;
}

/** How many of a list a detail shows. */
export const SHOWN_MOST = 8;
