import { type Engine, nobleEngine, type Rng } from '@espalier/crypto';
import {
  AddressPool,
  type Answer,
  type AnswerResult,
  type Certificate,
  type Endpoint,
  type HandleResult,
  IkeEndpoint,
  type IkeEvent,
  type IkeProposal,
  Passwords,
  type PeerConfig,
  type Question,
  type Timeout,
  type Transmit,
} from '@espalier/ike';
import { CERT_ENCODING, fqdnId, fromAscii, type Instant, type Spi, seconds } from '@espalier/wire';
import { Chance, seededChoices } from '../../network/chance.ts';
import {
  otherSide,
  requireSpecification,
  type SessionAct,
  type SessionSpecification,
  type Side,
} from '../specification.ts';
import { KeyBook } from '../view/key-book.ts';
import { ADDRESSES } from './addresses.ts';
import { beginnings, childrenConfig, isAssigned } from './children.ts';
import { METHODS } from './methods.ts';
import { publicKeyOfEnd, signingKey } from './signers.ts';
import { toyPublicKeys } from './toy-public-keys.ts';

/** What a session drives: the contract of `IkeEndpoint`, as far as it is used. */
export interface SessionEndpoint {
  handleDatagram(now: Instant, from: Endpoint, to: Endpoint, datagram: Uint8Array): HandleResult;
  handleTimeout(now: Instant): void;
  initiate(now: Instant, peerName: string): void;
  rekeyIke(now: Instant, peerName: string): void;
  rekeyChild(now: Instant, inbound: Spi): void;
  deleteChild(now: Instant, inbound: Spi): void;
  askForLife(now: Instant, inbound: Spi): void;
  close(now: Instant): void;
  answer(now: Instant, id: number, answer: Answer): AnswerResult;
  pollEvent(): IkeEvent | undefined;
  pollTransmit(): Transmit | undefined;
  pollQuestion(): Question | undefined;
  pollTimeout(): Timeout | undefined;
  children(): readonly { readonly inbound: Spi }[];
}

/** One end of a session: an endpoint of ours, or of the caller's. */
export interface SessionEnd {
  readonly endpoint: SessionEndpoint;
  readonly address: Endpoint;
  /** What the endpoint knows the other end by. */
  readonly peerName: string;
  /** Without keys, nothing is opened or sealed that this end has sealed. */
  readonly keys?: KeyBook;
  /** Signs in this end's name, where its signatures are to be right after a mutation. */
  readonly sign?: (hash: Uint8Array) => Uint8Array | undefined;
  /** What an act is at this end, where it is more than a call of the endpoint. Default: 'begin' is `initiate`, and what adds children adds none. */
  readonly acts?: Readonly<Partial<Record<'begin' | SessionAct['act'], (now: Instant) => void>>>;
  readonly answer?: (question: Question) => Answer | undefined;
  readonly heed?: (event: IkeEvent) => void;
}

const NAMES = { left: fqdnId('left.example'), right: fqdnId('right.example') } as const;
const KEY = fromAscii('a key that protects nothing');
const WRONG_KEY = fromAscii('another key');
const PASSWORD = fromAscii('swordfish');
const POOL = { ipv4: '10.1.77.0/24' };
const IKE_LIFETIME = seconds(3600);

/** What two endpoints are made with. */
export interface EndsOptions {
  /**
   * Default: noble's, with public-key work that costs and protects nothing. Another engine's is what it is: a handshake then
   * takes as long as its group and its signatures.
   */
  readonly engine?: Engine;
  /** What an end is configured with in the place of what the specification says. Default: just that. */
  readonly configured?: (side: Side, peer: PeerConfig) => PeerConfig;
  /** What an end is answered; undefined: what the specification says, as by default. */
  readonly answering?: (side: Side, question: Question) => Answer | undefined;
}

/** One end that is an endpoint of ours. */
export interface OurEnd extends SessionEnd {
  readonly endpoint: IkeEndpoint;
}

/**
 * Two endpoints of ours, as a specification has them. Whatever they ask their caller is answered.
 * @throws TypeError or RangeError that names what of it is bad.
 */
export function sessionEnds(
  specification: SessionSpecification,
  options: EndsOptions = {},
): Readonly<Record<Side, OurEnd>> {
  requireSpecification(specification);
  const chance = new Chance(seededChoices(specification.seed));
  const [left, right] = [chance.rng(), chance.rng()];
  return { left: endOf('left', specification, left, options), right: endOf('right', specification, right, options) };
}

function endOf(
  side: Side,
  specification: SessionSpecification,
  rng: Rng,
  { engine = toyPublicKeys(nobleEngine()), configured = (_, peer) => peer, answering }: EndsOptions,
): OurEnd {
  const peer = configured(side, peerConfig(side, specification));
  const keys = new KeyBook();
  const endpoint = new IkeEndpoint({
    engine,
    rng,
    peers: [peer],
    keyLog: keys.note,
    allowLegacy: ['des', 'md5', 'modp768'],
  });
  const pool = new AddressPool(POOL);
  const passwords = new Passwords([{ userName: 'user', password: PASSWORD }]);
  const key = signingKey(side, specification);
  return {
    endpoint,
    address: ADDRESSES[specification.family][side],
    peerName: peer.name,
    keys,
    acts: beginnings(endpoint, peer),
    ...(key === undefined ? {} : { sign: (hash: Uint8Array) => engine.signatures.sign(key, hash) }),
    answer: (question) => {
      const answer = answering?.(side, question);
      if (answer !== undefined) return answer;
      if (question.kind === 'lease') return pool.answer(question);
      if (question.kind === 'verify-credentials') return passwords.answer(question);
      if (question.kind === 'shared-key') return { kind: 'shared-key', key: KEY };
      if (question.kind === 'credentials') return { kind: 'credentials', userName: 'user', password: PASSWORD };
      if (question.kind === 'verify-chain')
        return { kind: 'verify-chain', key: publicKeyOfEnd(otherSide(side), specification) };
      if (question.kind !== 'sign' || key === undefined) return undefined;
      const signature = engine.signatures.sign(key, question.hash);
      return { kind: 'sign', signature, certificates: [certificateOf(side)] };
    },
    heed: (event) => pool.handleEvent(event),
  };
}

/** How one end knows the other. */
function peerConfig(side: Side, specification: SessionSpecification): PeerConfig {
  const { mode, authentication, natTraversal, family, ah } = specification;
  const other = otherSide(side);
  return {
    name: other,
    local: ADDRESSES[family][side],
    remote: ADDRESSES[family][other],
    mode,
    proposals: proposalsOf(specification),
    lifetime: IKE_LIFETIME,
    natTraversal: natTraversal === 'force' && (side === 'right' || ah !== undefined) ? 'auto' : natTraversal,
    fragmentOctets: 'off',
    ...childrenConfig(side, specification),
    ...proofs(side, specification),
    ...(METHODS[authentication].user === undefined ? {} : { xauth: xauth(side, specification) }),
    ...(isAssigned(specification) ? { modeConfig: { side: side === 'left' ? 'client' : 'gateway' } } : {}),
  };
}

/** Each has another cipher or another hash: what proves either end is made otherwise. */
function proposalsOf(specification: SessionSpecification): readonly IkeProposal[] {
  const { authentication, encryption, keyOctets, hash, group, alternatives = 0 } = specification;
  const proposal = { encryption, hash, group, authentication, ...(keyOctets === undefined ? {} : { keyOctets }) };
  const others = ALTERNATIVES.filter((other) => other.encryption !== encryption || other.hash !== hash);
  return [proposal, ...others.slice(0, alternatives).map((other) => ({ ...other, group, authentication }))];
}

const ALTERNATIVES: readonly Omit<IkeProposal, 'group' | 'authentication'>[] = [
  { encryption: '3des-cbc', hash: 'sha1' },
  { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256' },
  { encryption: 'camellia-cbc', keyOctets: 16, hash: 'md5' },
  { encryption: 'des-cbc', hash: 'sha2-512' },
];

function proofs(side: Side, specification: SessionSpecification): Partial<PeerConfig> {
  const isWrong = specification.isStranger && side === 'right';
  if (METHODS[specification.authentication].keys === 'shared') return { preSharedKey: isWrong ? WRONG_KEY : KEY };
  const [other, privateKey] = [otherSide(side), signingKey(side, specification)];
  const own = { certificates: [certificateOf(side)], sendCertificates: 'always' } as const;
  return {
    localIdentity: NAMES[side],
    remoteIdentity: NAMES[other],
    credentials: {
      ...(privateKey === undefined ? {} : { privateKey, ...own }),
      remoteKey: publicKeyOfEnd(isWrong ? side : other, specification),
    },
  };
}

function certificateOf(side: Side): Certificate {
  return { encoding: CERT_ENCODING.x509Signature, data: fromAscii(`what stands for one of ${side}`) };
}

function xauth(side: Side, { authentication }: SessionSpecification): NonNullable<PeerConfig['xauth']> {
  const isUser = METHODS[authentication].user === side;
  return isUser ? { side: 'user', userName: 'user', password: PASSWORD } : { side: 'gateway' };
}
