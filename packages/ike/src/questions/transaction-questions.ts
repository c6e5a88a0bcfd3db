import type { Identification } from '@espalier/wire';
import type { AssignedConfiguration, Credential, Role, XAuthType } from '../types.ts';

/** What a gateway asks this side for, in XAuth (draft-beaulieu-ike-xauth-02 §3): who is at the keyboard. */
export interface CredentialsQuestion {
  readonly kind: 'credentials';
  /** Name of the `PeerConfig`. */
  readonly peer: string;
  readonly role: Role;
  /** Whom the gateway has proved to be. */
  readonly identity: Identification;
  /** 'radius-chap': the password is hidden here; 'otp', 's/key': what a password is made of is in `challenge`. */
  readonly type: XAuthType;
  /** What the gateway asks for. */
  readonly asks: readonly Credential[];
  /** What it says to people: printable, at most 512 characters. */
  readonly message: string | undefined;
  readonly challenge: Uint8Array | undefined;
  /** Counts from 1: how often it has asked under this IKE SA. */
  readonly attempt: number;
}

/** With nothing at all there are no credentials: the gateway is told so, and the negotiation ends. */
export interface CredentialsAnswer {
  readonly kind: 'credentials';
  /** Octets of text are UTF-8. */
  readonly userName?: string | undefined;
  /** Copied, and wiped. */
  readonly password?: Uint8Array | undefined;
  /** Likewise. */
  readonly passcode?: Uint8Array | undefined;
  /** Likewise. */
  readonly nextPin?: Uint8Array | undefined;
  /** Likewise: to a question of the gateway's. */
  readonly reply?: Uint8Array | undefined;
  readonly domain?: string | undefined;
}

/** As a gateway: whether these are a user's credentials. What is secret here is overwritten once it is answered. */
export interface VerifyCredentialsQuestion {
  readonly kind: 'verify-credentials';
  /** Name of the `PeerConfig`. */
  readonly peer: string;
  readonly role: Role;
  /** Whom phase 1 has proved the peer to be: often only that it belongs to a group. */
  readonly identity: Identification;
  readonly type: XAuthType;
  readonly userName: string | undefined;
  /** Without NULs at its end. Of 'radius-chap' the 17 octets of a CHAP-Password (RFC 2865 §5.3). */
  readonly password: Uint8Array | undefined;
  readonly passcode: Uint8Array | undefined;
  readonly nextPin: Uint8Array | undefined;
  readonly reply: Uint8Array | undefined;
  readonly domain: string | undefined;
  /** What the user was asked with. */
  readonly challenge: Uint8Array | undefined;
  /** Counts from 1. */
  readonly attempt: number;
}

export type VerifyCredentialsAnswer =
  /** `user`: what the peer is known by from now on; default: the user name. */
  | { readonly kind: 'verify-credentials'; readonly verdict: 'accept'; readonly user?: string | undefined }
  /** The user is asked again, if that was not the last attempt; `message`: what people are told. */
  | { readonly kind: 'verify-credentials'; readonly verdict: 'refuse'; readonly message?: string | undefined }
  /** The user is asked for more: a passcode, the answer to a challenge, the next PIN. */
  | {
      readonly kind: 'verify-credentials';
      readonly verdict: 'ask';
      readonly asks: readonly Credential[];
      /** Default: as before. */
      readonly type?: XAuthType | undefined;
      readonly message?: string | undefined;
      readonly challenge?: Uint8Array | undefined;
    };

/** As a gateway: what a peer is to have inside (draft-dukes-ike-mode-cfg-02 §3). */
export interface LeaseQuestion {
  readonly kind: 'lease';
  /** Name of the peer; of a template's peers each has its identity, and its user, in its name. */
  readonly peer: string;
  readonly role: Role;
  readonly identity: Identification;
  /** Whom XAuth has proved it to be. */
  readonly user: string | undefined;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Addresses that it would like to have: it may have had them before. */
  readonly wishes: readonly string[];
}

/** Undefined: there is nothing for it. */
export interface LeaseAnswer {
  readonly kind: 'lease';
  readonly lease: AssignedConfiguration | undefined;
}
