import { AH_SUITES, type DhGroupNumber, ESP_SUITES, type HashName } from '@espalier/crypto';
import type { ExchangeMode, IkeProposal, IpsecMode } from '@espalier/ike';
import { requireMembers, requireObject } from '@espalier/wire';
import { oneOf, requireArray, requireBoolean, within } from '../arguments.ts';

/** The two ends of a session: the left one begins. */
export type Side = 'left' | 'right';

/** Both ends, the left one first. */
export const SIDES: readonly Side[] = ['left', 'right'];

/** The other end. */
export function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}

/** How the ends of a session prove who they are. */
export const SESSION_AUTHENTICATIONS = [
  'pre-shared-key',
  'xauth-initiator-pre-shared-key',
  'xauth-responder-pre-shared-key',
  'ecdsa-256',
  'ecdsa-384',
  'ecdsa-521',
  'rsa-signature',
  'xauth-initiator-rsa-signature',
  'xauth-responder-rsa-signature',
  'hybrid-initiator-rsa-signature',
  'hybrid-responder-rsa-signature',
] as const;

/** One of `SESSION_AUTHENTICATIONS`. */
export type SessionAuthentication = (typeof SESSION_AUTHENTICATIONS)[number];

/**
 * What an end is told to do once there is a child. 'add-child': one more; 'add-children': two more, in one Quick Mode (RFC 2409
 * §5.5); 'new-group': one more, in a group that New Group Mode gives a number (§5.6).
 */
export const SESSION_ACTS = [
  'renew-child',
  'renew-ike',
  'delete-child',
  'probe',
  'add-child',
  'add-children',
  'new-group',
  'close',
] as const;

/** One of `SESSION_ACTS`; the ends are left alone for two seconds between two of them. */
export interface SessionAct {
  readonly by: Side;
  readonly act: (typeof SESSION_ACTS)[number];
  /** Which child it is about: so many of its end's are newer. Default 0. */
  readonly child?: number;
}

/** All that a session follows from: the same specification is the same transcript, octet for octet. */
export interface SessionSpecification {
  /** Of cookies, nonces, SPIs, message IDs and private values: 32 bits of it count. */
  readonly seed: number;
  /** Of IP, between the ends. */
  readonly family: 4 | 6;
  readonly mode: ExchangeMode;
  readonly authentication: SessionAuthentication;
  readonly encryption: IkeProposal['encryption'];
  /** For AES and Camellia only. */
  readonly keyOctets?: 16 | 24 | 32;
  readonly hash: HashName;
  readonly group: DhGroupNumber;
  /** So many other proposals of the same group are offered behind it, up to 3, and would be taken too. Default 0. */
  readonly alternatives?: number;
  /** Of the child's ESP: a name of `ESP_SUITES`, or where there is AH of `UNAUTHENTICATED_SUITES`. Absent: there is AH alone. */
  readonly suite?: string;
  /** Of the child's AH, which is around ESP where there is some: a name of `AH_SUITES`. Absent: there is none. */
  readonly ah?: string;
  /** What the child carries is compressed (RFC 3173). Absent: it is not. */
  readonly ipcomp?: 'deflate';
  readonly pfsGroup?: DhGroupNumber;
  readonly childMode: IpsecMode;
  /** 'force': the left end claims to be behind a NAT, unless there is AH, which goes through none (RFC 3947). */
  readonly natTraversal: 'off' | 'auto' | 'force';
  /** The left end is given its address by the right one; not in transport mode. */
  readonly modeConfig: boolean;
  /** The right end has another key, or another public key of the left one, if that signs: nothing may come of the session. */
  readonly isStranger: boolean;
  readonly acts: readonly SessionAct[];
}

/** Names of what IKEv1 has numbers for: those of CMAC, ChaCha20 and implicit IVs came with IKEv2 (RFC 4494, 7634, 8750). */
const isNumbered = (name: string): boolean => !/cmac|chacha|-iiv/.test(name);

/** Suites that the ESP of a child may have; with AH around it those of `UNAUTHENTICATED_SUITES` too. */
export const SESSION_SUITES: readonly string[] = ESP_SUITES.map(({ name }) => name).filter(isNumbered);

/** Those that its AH may have. */
export const SESSION_AH_SUITES: readonly string[] = AH_SUITES.map(({ name }) => name).filter(isNumbered);

/** The plainest of all: Main Mode with a pre-shared key, and a child. */
export const PLAIN_SESSION: SessionSpecification = {
  seed: 0,
  family: 4,
  mode: 'main',
  authentication: 'pre-shared-key',
  encryption: 'aes-cbc',
  keyOctets: 16,
  hash: 'sha1',
  group: 14,
  suite: 'aes-128-cbc/hmac-sha1-96',
  childMode: 'tunnel',
  natTraversal: 'off',
  modeConfig: false,
  isStranger: false,
  acts: [],
};

const MEMBERS: Readonly<Record<keyof SessionSpecification, true>> = {
  seed: true,
  family: true,
  mode: true,
  authentication: true,
  encryption: true,
  keyOctets: true,
  hash: true,
  group: true,
  alternatives: true,
  suite: true,
  ah: true,
  ipcomp: true,
  pfsGroup: true,
  childMode: true,
  natTraversal: true,
  modeConfig: true,
  isStranger: true,
  acts: true,
};

/** What an endpoint is configured with it looks at itself. @throws TypeError or RangeError that names what else is bad. */
export function requireSpecification(specification: SessionSpecification): void {
  requireObject('specification', specification);
  requireMembers('specification', specification, MEMBERS);
  const {
    seed,
    family = 4,
    mode,
    authentication,
    alternatives = 0,
    childMode,
    natTraversal,
    modeConfig,
    isStranger,
    acts,
  } = specification;
  within('specification.seed', seed, Number.MIN_SAFE_INTEGER);
  if (family !== 4 && family !== 6) throw new RangeError('specification.family must be 4 or 6');
  oneOf('specification.mode', mode, ['main', 'aggressive']);
  oneOf('specification.authentication', authentication, SESSION_AUTHENTICATIONS);
  within('specification.alternatives', alternatives, 0, 3);
  oneOf('specification.childMode', childMode, ['tunnel', 'transport']);
  oneOf('specification.natTraversal', natTraversal, ['off', 'auto', 'force']);
  requireBoolean('specification.modeConfig', modeConfig);
  requireBoolean('specification.isStranger', isStranger);
  requireArray('specification.acts', acts);
  for (const [i, act] of acts.entries()) {
    requireObject(`specification.acts[${i}]`, act);
    oneOf(`specification.acts[${i}].by`, act.by, SIDES);
    oneOf(`specification.acts[${i}].act`, act.act, SESSION_ACTS);
    if (act.child !== undefined) within(`specification.acts[${i}].child`, act.child, 0);
  }
}
