import { wipe } from '@espalier/crypto';
import { DecodeError, decodeMessage, EXCHANGE, type Identification, type Spi } from '@espalier/wire';
import { wipeCredentials } from '../configuration/credentials.ts';
import type { ChildInfo, IkeSaInfo } from '../events.ts';
import type { ReceivedMessage } from '../exchange/message.ts';
import { all, MANY } from '../exchange/rules.ts';
import type { FailureDetail } from '../explain/detail.ts';
import { refusedFor } from '../explain/refused.ts';
import type { Refused } from '../failures.ts';
import { CANDIDATES_MOST, LIVE_PEERS_ASKED, LIVE_PEERS_PER_TEMPLATE } from '../limits.ts';
import { isFixed, type Path } from '../path.ts';
import { Refusal, refuse } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import { randomCookie } from '../runtime/random.ts';
import type { Renewed } from '../sa/authenticated.ts';
import { IkeSa } from '../sa/ike-sa.ts';
import { areForTheSame, mayBegin } from '../sa/purpose.ts';
import type { ChildIdentities, ChildPolicy, ExchangeMode, PeerConfig, SasOfOld } from '../types.ts';
import type { Cookies } from '../v1/cookies.ts';
import { mayBe, mayBeFor } from '../v1/identities.ts';
import { readInvalidSpi, type UnknownSpi } from '../v1/informational/invalid-spi.ts';
import type { NumberedGroup } from '../v1/new-group/offer.ts';
import { awaitPhase1 } from '../v1/phase1/modes.ts';
import type { Phase1Context } from '../v1/phase1/phase1.ts';
import { Directory } from './directory.ts';
import { HalfOpenIkeSas } from './half-open.ts';
import { ANYBODY, Entry, type Whom } from './pad/entry.ts';
import { Pad } from './pad/pad.ts';
import { phase1Context, remoteIdentityOf } from './pad/profile.ts';
import { sharingParts } from './pad/shared-parts.ts';
import { Peer, type PeerHost } from './peer.ts';
import { explainStranger } from './stranger.ts';
import { tellRefused } from './tell.ts';

/** Everybody whom an endpoint speaks with: those who are configured, and those who are live. */
export class Peers implements PeerHost {
  readonly directory: Directory<Peer> = new Directory();
  readonly #environment: Environment;
  readonly #pad = new Pad<Peer>();
  readonly #live = new Set<Peer>();
  readonly #named = new Map<string, Peer>();
  readonly #halfOpen: HalfOpenIkeSas;
  /** The peer that was added last: the next one most likely says much the same. */
  #latest: PeerConfig | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#halfOpen = new HalfOpenIkeSas(environment, this.directory, {
      adopt: (ikeSa) => this.#adopt(ikeSa),
      renewed: (ikeSa) => this.#renewed(ikeSa),
    });
  }

  get names(): readonly string[] {
    return [...this.#pad.entries].map(({ name }) => name);
  }

  get ikeSas(): readonly IkeSaInfo[] {
    return [...this.#live].flatMap(({ ikeSaInfos }) => ikeSaInfos).concat(this.#halfOpen.infos);
  }

  get children(): readonly ChildInfo[] {
    return [...this.#live].flatMap(({ children }) => children.infos);
  }

  /** Whether so many begin IKE SAs at the same time that strangers are answered with less. */
  get isUnderLoad(): boolean {
    return this.#halfOpen.isUnderLoad;
  }

  /** @throws RangeError where there is none of this name. */
  entry(name: string): Entry<Peer> {
    const entry = this.#pad.get(name);
    if (entry === undefined) throw new RangeError(`peerName: there is no peer ${name}`);
    return entry;
  }

  /** The key of `config` becomes ours. */
  add(config: PeerConfig): void {
    const entry = new Entry<Peer>(sharingParts(config, this.#latest));
    keyOrForget(config, () => this.#pad.add(entry));
    this.#latest = entry.config;
  }

  /** As `add`. */
  replace(config: PeerConfig, sas: SasOfOld): void {
    const entry = keyOrForget(config, () => this.entry(config.name));
    const before = entry.config;
    keyOrForget(config, () => this.#pad.refile(entry, config));
    if (sas === 'delete') for (const peer of entry.live) peer.close();
    forgetKey(before);
  }

  replaceChildren(name: string, children: readonly ChildPolicy[], sas: SasOfOld): void {
    const entry = this.entry(name);
    const before = entry.config.children;
    entry.config = { ...entry.config, children };
    if (sas === 'keep') return;
    const changed = new Set(before.filter((child) => !children.includes(child)).map((child) => child.name));
    for (const peer of entry.live) peer.deleteChildren((policy) => changed.has(policy.name));
  }

  remove(name: string, sas: SasOfOld): void {
    const entry = this.entry(name);
    this.#pad.remove(entry);
    entry.isRemoved = true;
    if (sas === 'delete') for (const peer of entry.live) peer.close();
    forgetKey(entry.config);
  }

  initiate(name: string, childName: string | undefined, identities?: ChildIdentities): void {
    const peer = this.#peerNamed(name);
    const { children } = peer.entry.config;
    const named = childName === undefined ? children : children.filter((child) => child.name === childName);
    const meant = (identities === undefined ? named : narrowed(named, identities)).filter(mayBegin);
    if (childName === undefined || meant.length > 0) peer.initiate(meant);
    peer.rest();
    if (childName === undefined || meant.length > 0) return;
    const what = named.length > 0 ? 'is answered, and not begun' : 'is not there';
    throw new RangeError(`childName: child ${childName} of peer ${name} ${what}`);
  }

  initiateTogether(name: string, childNames: readonly string[]): void {
    const peer = this.#peerNamed(name);
    const policies = childNames.map((childName) => {
      const policy = peer.entry.config.children.find((child) => child.name === childName);
      if (policy === undefined) throw new RangeError(`childNames: child ${childName} of peer ${name} is not there`);
      if (mayBegin(policy)) return policy;
      throw new RangeError(`childNames: child ${childName} of peer ${name} is answered, and not begun`);
    });
    if (new Set(childNames).size < childNames.length) throw new RangeError('childNames: one is there twice');
    if (!areForTheSame(policies)) {
      throw new RangeError('childNames: must have the same identities, mode and pfsGroup (RFC 2409 §5.5)');
    }
    peer.initiateTogether(policies);
    peer.rest();
  }

  newGroup(name: string, wanted: NumberedGroup): void {
    const peer = this.#peerNamed(name);
    peer.newGroup(wanted);
    peer.rest();
  }

  rekey(name: string): void {
    this.#peerNamed(name).rekey();
  }

  keeperOf(inbound: Spi): Peer | undefined {
    return this.directory.keeperOf(inbound);
  }

  find(cookies: Cookies): IkeSa | undefined {
    return this.directory.find(cookies) ?? this.directory.findAwaiting(cookies.initiator);
  }

  /** @throws Refusal or DecodeError, with nothing changed. */
  receive(message: ReceivedMessage, ikeSa: IkeSa): void {
    ikeSa.receive(message);
    this.directory.refile(ikeSa);
    this.#halfOpen.noteReached(ikeSa);
  }

  /** A message without a responder's cookie. @throws Refusal or DecodeError, with nothing changed. */
  receiveFirst(message: ReceivedMessage): void {
    const known = this.#halfOpen.begunBy(message.digest);
    if (known !== undefined) {
      known.receive(message);
      return;
    }
    try {
      this.#begin(message);
    } catch (error) {
      if (error instanceof Refusal || error instanceof DecodeError) this.#tellRefusedFirst(message, refusedFor(error));
      throw error;
    }
  }

  #begin(message: ReceivedMessage): void {
    const mode = modeOf(message) ?? refuse('unsupported-exchange');
    const { rng } = this.#environment;
    // Whoever asks for candidates later keeps no message.
    const { path } = message;
    const likeliest: Likeliest = { peer: '', fragmentOctets: undefined };
    const candidates = (identity?: Identification): readonly Phase1Context[] => {
      const found = this.#candidates(path, mode, identity);
      likeliest.peer = found[0]?.peer ?? likeliest.peer;
      likeliest.fragmentOctets = found[0]?.fragmentOctets;
      return found;
    };
    const state = awaitPhase1(mode, candidates, () => randomCookie(rng));
    const owner = this.#halfOpen.owner(peerOf(likeliest));
    const ikeSa = new IkeSa(this.#environment, owner, path, {
      mode,
      role: 'responder',
      state,
      fragmentOctets: fragmentOctetsOf(likeliest),
    });
    ikeSa.receive(message);
    this.#halfOpen.add(ikeSa, message);
  }

  /** Packets came with an SPI that is nobody's. */
  unknownSpi(path: Path, unknown: UnknownSpi): void {
    const entries = this.#entriesAt(path);
    const live = this.#liveAt(path, entries);
    for (const peer of live) peer.liveness.tellUnknownSpi(unknown);
    if (live.some(({ ikeSas }) => ikeSas.current() !== undefined)) return;
    for (const entry of entries) {
      const { remote, local, unknownSpiResponses = 0 } = entry.config;
      if (!isFixed(remote) || unknownSpiResponses === 0) continue;
      const peer = entry.live[0] ?? this.#make(entry, { local, remote }, ANYBODY);
      const isFree = !peer.ikeSas.isConnecting && entry.mayAnswerUnknownSpi(this.#environment.now);
      if (isFree) peer.initiate(entry.config.children.filter(mayBegin));
      peer.rest();
      return;
    }
  }

  /** INVALID-SPI in clear, from somebody at a peer's address: if it names an SPI that is sent to, that peer is asked. */
  heedHint({ path, octets }: ReceivedMessage): void {
    const unknown = all(decodeMessage(octets).payloads, 'notification').flatMap((one) => readInvalidSpi(one) ?? []);
    if (unknown.length === 0) return;
    for (const peer of this.#liveAt(path, this.#entriesAt(path))) {
      for (const one of unknown.slice(0, MANY)) peer.liveness.heed(one, false);
    }
  }

  #entriesAt(path: Path): readonly Entry<Peer>[] {
    return [...new Set(EXCHANGE_MODES.flatMap((mode) => this.#pad.candidates(path, mode)))];
  }

  /** Who is live there, as far as that is found without asking too many. */
  #liveAt(path: Path, entries: readonly Entry<Peer>[]): readonly Peer[] {
    const asked = entries.filter(({ size }) => size <= LIVE_PEERS_ASKED).flatMap(({ live }) => live);
    const isThere = (peer: Peer): boolean =>
      peer.ikeSas.all.some((ikeSa) => ikeSa.path.remote.address === path.remote.address);
    return [...new Set([...this.directory.movedTo(path), ...asked])].filter(isThere);
  }

  /** What began nothing is told: by whom it may be from, or by its address. */
  tellRefused(path: Path, refusal: Refused): void {
    const entries = EXCHANGE_MODES.flatMap((mode) => this.#pad.candidates(path, mode));
    const nameStranger = (): string | undefined => this.#pad.at(path)[0]?.name;
    tellRefused(this.#environment.news, entries[0]?.name, path, { phase: 1, refusal }, nameStranger);
  }

  #tellRefusedFirst({ path, header }: ReceivedMessage, refused: Refused): void {
    const isStrange = refused.reason === 'unknown-peer' || refused.reason === 'unsupported-exchange';
    const explain = (): FailureDetail =>
      explainStranger(header.exchange, this.#pad.at(path), this.#pad.entries, refused.explain());
    this.tellRefused(path, isStrange ? { ...refused, explain } : refused);
  }

  /** Deletes everything at both ends, and overwrites the keys. */
  close(): void {
    this.#halfOpen.close();
    for (const peer of [...this.#live]) peer.close();
    for (const { config } of this.#pad.entries) forgetKey(config);
  }

  /** Nothing is left of a peer: it is made anew when there is something again. */
  idle(peer: Peer): void {
    if (!this.#live.delete(peer)) return;
    if (this.#named.get(peer.name) === peer) this.#named.delete(peer.name);
    peer.entry.remove(peer);
    this.directory.forget(peer);
  }

  /** Whom a first message may be from: where it is configured to be, then who has moved to where it came from. */
  #candidates(path: Path, mode: ExchangeMode, identity: Identification | undefined): readonly Phase1Context[] {
    const found = new Set(this.#pad.candidates(path, mode, identity));
    for (const { entry } of this.directory.movedTo(path)) {
      const isMeant = entry.config.mode === mode || (entry.config.mode === undefined && mode === 'main');
      const isPossible = identity === undefined || mayBe(identity, remoteIdentityOf(entry.config));
      if (isMeant && isPossible && !entry.isRemoved) found.add(entry);
    }
    return [...found]
      .slice(0, CANDIDATES_MOST)
      .map(({ config }) => phase1Context(config, this.#environment, path, 'responder', () => false));
  }

  /** Whose an IKE SA is that a peer has begun: the peer of its entry that has this identity. */
  #adopt(ikeSa: IkeSa): void {
    const { sa, path } = ikeSa;
    const entry = sa && this.#pad.get(sa.peer);
    if (sa === undefined || entry === undefined) {
      this.#abandon(ikeSa);
      return;
    }
    const whom: Whom = { identity: sa.proof.identity, user: ikeSa.user };
    const known = entry.find(whom);
    if (known === undefined && entry.size >= LIVE_PEERS_PER_TEMPLATE) this.#abandon(ikeSa);
    else (known ?? this.#make(entry, path, whom)).adopt(ikeSa);
  }

  /** The user of the peer that an IKE SA takes over from without asking again. */
  #renewed(ikeSa: IkeSa): Renewed | undefined {
    const { sa } = ikeSa;
    if (sa?.xauth?.onRenewal !== false) return undefined;
    for (const peer of this.#pad.get(sa.peer)?.live ?? []) {
      const renewed = peer.renewed(ikeSa);
      if (renewed !== undefined) return renewed;
    }
    return undefined;
  }

  #abandon(ikeSa: IkeSa): void {
    this.directory.remove(ikeSa);
    ikeSa.close('closed');
  }

  #make(entry: Entry<Peer>, path: Path, whom: Whom): Peer {
    const peer = new Peer(entry, path, whom, this.#environment, this);
    entry.add(whom, peer);
    this.#live.add(peer);
    this.#named.set(peer.name, peer);
    return peer;
  }

  /** @throws RangeError where there is none of this name that can be spoken to. */
  #peerNamed(name: string): Peer {
    const live = this.#named.get(name);
    if (live !== undefined && !live.entry.isRemoved) return live;
    const entry = this.entry(name);
    const { local, remote } = entry.config;
    if (!isFixed(remote)) throw new RangeError(`peerName: ${name} is a template, and nobody's address`);
    return this.#make(entry, { local, remote }, ANYBODY);
  }
}

const EXCHANGE_MODES: readonly ExchangeMode[] = ['main', 'aggressive'];

function modeOf({ header }: ReceivedMessage): ExchangeMode | undefined {
  if (header.exchange === EXCHANGE.main) return 'main';
  return header.exchange === EXCHANGE.aggressive ? 'aggressive' : undefined;
}

/** Does what takes a key over; where it throws, nobody has the key. */
function keyOrForget<T>(config: PeerConfig, take: () => T): T {
  try {
    return take();
  } catch (error) {
    forgetKey(config);
    throw error;
  }
}

function forgetKey({ preSharedKey, xauth, credentials }: PeerConfig): void {
  if (preSharedKey instanceof Uint8Array) wipe(preSharedKey);
  if (xauth?.side === 'user' && xauth.password !== undefined) wipe(xauth.password);
  wipeCredentials(credentials);
}

/** The children for what lies within what their policies say. @throws RangeError where it does not. */
function narrowed(children: readonly ChildPolicy[], identities: ChildIdentities): readonly ChildPolicy[] {
  return children.map((child) => {
    for (const end of ['localIdentity', 'remoteIdentity'] as const) {
      if (!mayBeFor(identities[end], child[end]))
        throw new RangeError(`identities.${end}: child ${child.name} is not for it`);
    }
    return { ...child, ...identities };
  });
}

/** What is known of the peer that a half-open IKE SA is most likely of. */
interface Likeliest {
  peer: string;
  fragmentOctets: number | undefined;
}

/** Made here, as a closure keeps all that is about it: an IKE SA would keep its first message for ever. */
function fragmentOctetsOf(likeliest: Likeliest): () => number | undefined {
  return () => likeliest.fragmentOctets;
}

function peerOf(likeliest: Likeliest): () => string {
  return () => likeliest.peer;
}
