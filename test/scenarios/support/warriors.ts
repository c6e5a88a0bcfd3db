import { espSuite } from '../../../packages/crypto/src/index.ts';
import {
  AddressPool,
  type Answer,
  type ChildPolicy,
  IkeEndpoint,
  type IkeEvent,
  type IkeProposal,
  Passwords,
  type PeerConfig,
  type Question,
  type Transmit,
} from '../../../packages/ike/src/index.ts';
import { answerWith, type Pki } from '../../../packages/pki/src/index.ts';
import {
  after,
  type Duration,
  fqdnId,
  fromAscii,
  type Instant,
  instant,
  ipv4SubnetId,
  keyId,
  milliseconds,
  seconds,
} from '../../../packages/wire/src/index.ts';
import { seededRng } from '../../support/rng.ts';
import { AT, credentialOf, KEYS, pkiOf } from './authority.ts';
import { CHEAP_ENGINE } from './engines.ts';

const HUB = '203.0.113.1';
const NAT = '198.51.100.77';
const GROUP = keyId(fromAscii('the group'));
const OFFICE = ipv4SubnetId('10.2.0.0/16');
const USERS = [
  { userName: 'carol', password: fromAscii('4iChxLT3') },
  { userName: 'dave', password: fromAscii('ryftzG4A') },
  { userName: 'nopw', password: fromAscii(' ') },
];

export interface Terms {
  readonly mode: 'main' | 'aggressive';
  readonly authentication: IkeProposal['authentication'];
  /** Who gets an address, and how it is told. */
  readonly method: 'pull' | 'push' | 'none';
  readonly isBehindNat?: boolean;
  readonly pool?: ConstructorParameters<typeof AddressPool>[0];
  /** The last words. */
  readonly hub?: Partial<PeerConfig>;
  readonly client?: Partial<PeerConfig>;
  readonly hubChild?: Partial<ChildPolicy>;
  readonly clientChild?: Partial<ChildPolicy>;
  readonly password?: string;
  /** Nets of the hub, for each of which the client wants a child. */
  readonly children?: readonly string[];
}

interface Warrior {
  readonly name: string;
  readonly address: string;
  endpoint: IkeEndpoint;
  readonly events: IkeEvent[];
}

interface Flight {
  readonly at: Instant;
  readonly from: string;
  readonly transmit: Transmit;
}

/** A hub that road warriors call: their IKE, a pool of addresses, users with passwords, one NAT. */
export class Warriors {
  now: Instant = instant(0);
  readonly pool: AddressPool;
  readonly hub: Warrior;
  /** What is lost: looks at each datagram. */
  isLost: (from: string, octets: Uint8Array) => boolean = () => false;
  /** Who answers otherwise; undefined: as otherwise. */
  answering: (question: Question, name: string) => Answer | undefined = () => undefined;
  readonly #terms: Terms;
  readonly #passwords = new Passwords(USERS);
  readonly #warriors: Warrior[] = [];
  readonly #pkis = new Map<string, Pki>();
  readonly #flows = new Map<number, { readonly address: string; readonly port: number }>();
  #flights: Flight[] = [];
  #seen = 0;
  #seed = 1;

  constructor(terms: Terms) {
    this.#terms = terms;
    this.pool = new AddressPool(terms.pool ?? { ipv4: '10.3.0.0/28', dns: ['10.2.0.53'] });
    this.hub = { name: 'hub', address: HUB, endpoint: this.#endpoint(this.#hubConfig()), events: [] };
    this.#warriors.push(this.hub);
  }

  /** Somebody calls, and is heard out. */
  call(name: string, address: string, terms: Partial<Terms> = {}): Warrior {
    const warrior = this.join(name, address, terms);
    this.initiate(name);
    return warrior;
  }

  join(name: string, address: string, terms: Partial<Terms> = {}): Warrior {
    const config = this.#clientConfig(name, address, { ...this.#terms, ...terms });
    const warrior = { name, address, endpoint: this.#endpoint(config), events: [] };
    this.#warriors.push(warrior);
    return warrior;
  }

  initiate(name: string, within: Duration = seconds(100)): void {
    this.named(name).endpoint.initiate(this.now, 'hub');
    this.run(within);
  }

  named(name: string): Warrior {
    const warrior = this.#warriors.find((one) => one.name === name);
    if (warrior === undefined) throw new RangeError(`nobody is called ${name}`);
    return warrior;
  }

  /** What this one has inside, by Mode Config. */
  addressesOf(name: string): readonly string[] {
    const [configured] = this.named(name)
      .events.flatMap((event) => (event.kind === 'configured' ? [event] : []))
      .slice(-1);
    return configured?.configuration.addresses ?? [];
  }

  /** The children of it whose other halves the hub has. */
  childrenOf(name: string): readonly { readonly local: string }[] {
    const theirs = new Set(this.hub.endpoint.children().map(({ outbound }) => outbound));
    return this.named(name)
      .endpoint.children()
      .filter(({ inbound, state }) => state === 'established' && theirs.has(inbound))
      .map(({ policy }) => ({ local: policy }));
  }

  run(duration: Duration): void {
    const end = after(this.now, duration);
    this.#drain();
    for (;;) {
      const arrival = this.#flights[0]?.at ?? Number.POSITIVE_INFINITY;
      const due = Math.min(
        arrival,
        ...this.#warriors.map(({ endpoint }) => endpoint.pollTimeout()?.at ?? Number.POSITIVE_INFINITY),
      );
      if (due > end) break;
      if (due > this.now) this.now = instant(due);
      const flight = this.#flights[0];
      if (flight !== undefined && flight.at <= this.now) {
        this.#flights.shift();
        this.#deliver(flight);
      } else {
        for (const { endpoint } of this.#warriors) endpoint.handleTimeout(this.now);
      }
      this.#drain();
    }
    this.now = end;
  }

  #endpoint(peer: PeerConfig): IkeEndpoint {
    return new IkeEndpoint({ engine: CHEAP_ENGINE, rng: seededRng(this.#seed++), peers: [peer] });
  }

  #common({ mode, authentication }: Terms) {
    const isSigned = authentication.includes('rsa');
    return {
      mode,
      ...(isSigned
        ? { credentials: { privateKey: 'ask', remoteKey: 'ask' } }
        : { preSharedKey: fromAscii('the key of the group') }),
      proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication }],
      lifetime: seconds(3600),
    } satisfies Partial<PeerConfig>;
  }

  #hubConfig(): PeerConfig {
    const { mode, method, hub, hubChild, authentication } = this.#terms;
    return {
      ...this.#common(this.#terms),
      name: 'warriors',
      local: { address: HUB, port: 500 },
      remote: { addresses: 'any' },
      remoteIdentity: mode === 'aggressive' && authentication === 'xauth-initiator-pre-shared-key' ? GROUP : 'any',
      ...(authentication.includes('rsa') ? { localIdentity: fqdnId('hub.example') } : { allowWildcardKey: true }),
      ...(/^(xauth|hybrid)/.test(authentication) ? { xauth: { side: 'gateway' } } : {}),
      ...(method === 'none' ? {} : { modeConfig: { side: 'gateway', method } }),
      children: [
        {
          ...CHILD,
          localIdentity: OFFICE,
          remoteIdentity: method === 'none' ? { within: [ipv4SubnetId('10.80.0.0/12')] } : 'assigned',
          ...hubChild,
        },
      ],
      ...hub,
    };
  }

  #clientConfig(name: string, address: string, terms: Terms): PeerConfig {
    const { mode, method, client, clientChild, password, authentication, children: nets = ['10.2.0.0/16'] } = terms;
    const known = USERS.find(({ userName }) => userName === name)?.password ?? fromAscii('nobody');
    return {
      ...this.#common(terms),
      name: 'hub',
      local: { address, port: 500 },
      remote: { address: HUB, port: 500 },
      ...identityOf(name, mode, authentication),
      xauth: { side: 'user', userName: name, password: password === undefined ? known : fromAscii(password) },
      ...(method === 'none' ? {} : { modeConfig: { side: 'client', method } }),
      children: nets.map((net, i) => ({
        ...CHILD,
        name: `office ${i}`,
        localIdentity: method === 'none' ? ipv4SubnetId(`10.8${name.length}.0.0/24`) : 'assigned',
        remoteIdentity: ipv4SubnetId(net),
        ...clientChild,
      })),
      ...client,
    };
  }

  #drain(): void {
    for (const warrior of this.#warriors) {
      const { name, endpoint, events } = warrior;
      for (let question = endpoint.pollQuestion(); question !== undefined; question = endpoint.pollQuestion()) {
        endpoint.answer(this.now, question.id, this.answering(question, name) ?? this.#answerTo(question, name));
      }
      for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) events.push(event);
      for (let transmit = endpoint.pollTransmit(); transmit !== undefined; transmit = endpoint.pollTransmit()) {
        if (this.isLost(name, transmit.octets)) continue;
        this.#flights.push({
          at: after(this.now, milliseconds(10)),
          from: name,
          transmit: this.#outwards(warrior, transmit),
        });
      }
    }
    for (const event of this.hub.events.slice(this.#seen)) this.pool.handleEvent(event);
    this.#seen = this.hub.events.length;
  }

  #answerTo(question: Question, name: string): Answer {
    switch (question.kind) {
      case 'lease':
        return this.pool.answer(question);
      case 'verify-credentials':
        return this.#passwords.answer(question);
      case 'sign':
      case 'verify-chain': {
        const answer = answerWith(this.#pkiOf(name))(question, AT);
        if (answer !== undefined) return answer;
        break;
      }
      default:
        break;
    }
    throw new Error(`nobody answers ${question.kind}`);
  }

  #pkiOf(name: string): Pki {
    const known = this.#pkis.get(name);
    if (known !== undefined) return known;
    const pki = pkiOf(credentialOf(name, { key: name === 'hub' ? KEYS.responder : KEYS.initiator }));
    this.#pkis.set(name, pki);
    return pki;
  }

  #outwards({ name }: Warrior, transmit: Transmit): Transmit {
    if (name === 'hub' || this.#terms.isBehindNat !== true) return transmit;
    const { source } = transmit;
    const known = [...this.#flows].find(
      ([, flow]) => flow.address === source.address && flow.port === source.port,
    )?.[0];
    const port = known ?? 20_000 + this.#flows.size;
    this.#flows.set(port, source);
    return { ...transmit, source: { address: NAT, port } };
  }

  #deliver({ transmit: { source, destination, octets } }: Flight): void {
    const inside = destination.address === NAT ? this.#flows.get(destination.port) : destination;
    const to = this.#warriors.findLast(({ address }) => address === inside?.address);
    if (inside !== undefined) to?.endpoint.handleDatagram(this.now, source, inside, octets);
  }
}

/** In Aggressive Mode users of a group are told apart by XAuth alone; else each has a name, or an address. */
function identityOf(name: string, mode: Terms['mode'], authentication: Terms['authentication']): Partial<PeerConfig> {
  if (authentication.includes('rsa'))
    return { localIdentity: fqdnId(`${name}.example`), remoteIdentity: fqdnId('hub.example') };
  if (mode === 'main') return {};
  return { localIdentity: authentication.startsWith('xauth') ? GROUP : keyId(fromAscii(name)) };
}

const CHILD = {
  name: 'office',
  suites: [espSuite('aes-128-cbc/hmac-sha1-96')],
  lifetime: seconds(3600),
} satisfies Partial<ChildPolicy>;
