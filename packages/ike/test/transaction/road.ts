import {
  AddressPool,
  type Answer,
  type ExchangeMode,
  type IkeEndpoint,
  type IkeProposal,
  type ModeConfig,
  Passwords,
  type Question,
  type XAuth,
} from '@espalier/ike';
import { type Duration, fromAscii, type Instant, ipv4SubnetId, keyId, seconds } from '@espalier/wire';
import { childPolicy, Pair, type PairOptions, type PeerChanges, type Side } from '../support/pair.ts';

const POOL = { ipv4: '10.1.77.0/24', dns: ['10.1.56.53'] } as const;
const USERS = [
  { userName: 'alice', password: fromAscii('wonderland') },
  { userName: 'bob', password: fromAscii('builder') },
];

export interface RoadOptions extends PairOptions {
  readonly mode?: ExchangeMode;
  /** Of both sides; undefined: none. */
  readonly authentication?: IkeProposal['authentication'];
  readonly method?: 'pull' | 'push' | 'none';
  readonly user?: Partial<Extract<XAuth, { side: 'user' }>>;
  readonly gateway?: Partial<Extract<XAuth, { side: 'gateway' }>>;
  readonly families?: NonNullable<ModeConfig['families']>;
  /** For how long an address is given. Default: nothing is said. */
  readonly expirySeconds?: number;
}

/** What both are configured with. */
export function roadOptions(options: RoadOptions): PairOptions {
  return { ...options, R2: { ...client(options), ...options.R2 }, R3: { ...gateway(options), ...options.R3 } };
}

/** R2 is a client on the road, R3 the gateway; R3 answers its questions by a pool and by passwords. */
export class Road extends Pair {
  readonly pool: AddressPool;
  readonly passwords: Passwords = new Passwords(USERS);
  readonly asked: { readonly side: Side; readonly question: Question }[] = [];
  /** In the place of what is answered otherwise; undefined: as otherwise, 'later': not at all. */
  answering: (question: Question, side: Side) => Answer | 'later' | undefined = () => undefined;
  #seen = 0;

  constructor(options: RoadOptions = {}) {
    super(roadOptions(options));
    const { expirySeconds } = options;
    this.pool = new AddressPool({ ...POOL, ...(expirySeconds === undefined ? {} : { expirySeconds }) });
  }

  override initiate(side: Side = 'R2'): this {
    this.on(side, (endpoint, now) => endpoint.initiate(now, side === 'R2' ? 'R3' : 'R2'));
    return this;
  }

  override on<T>(side: Side, command: (endpoint: IkeEndpoint, now: Instant) => T): T {
    const result = super.on(side, command);
    this.#serve();
    return result;
  }

  override step(end: Instant): boolean {
    const stepped = super.step(end);
    this.#serve();
    return stepped;
  }

  get isUp(): boolean {
    return this.nodes.every(
      ({ endpoint }) =>
        endpoint.ikeSas().some(({ state }) => state === 'ready') &&
        endpoint.children().some(({ state }) => state === 'established'),
    );
  }

  up(within: Duration = seconds(100)): this {
    this.initiate();
    if (!this.runUntil(() => this.isUp, within)) throw new Error('the road is closed');
    return this;
  }

  #serve(): void {
    for (const event of this.R3.events.slice(this.#seen)) this.pool.handleEvent(event);
    this.#seen = this.R3.events.length;
    for (const { side, endpoint } of this.nodes) {
      for (let question = endpoint.pollQuestion(); question !== undefined; question = endpoint.pollQuestion()) {
        // What is secret in a question is overwritten once it is answered.
        this.asked.push({ side, question: structuredClone(question) });
        const answer = this.answering(question, side) ?? this.#answerTo(question);
        if (answer !== 'later') super.on(side, (one, now) => one.answer(now, question.id, answer));
      }
    }
  }

  #answerTo(question: Question): Answer {
    switch (question.kind) {
      case 'lease':
        return this.pool.answer(question);
      case 'verify-credentials':
        return this.passwords.answer(question);
      case 'credentials':
        return { kind: 'credentials', userName: 'alice', password: fromAscii('wonderland') };
      default:
        throw new Error(`nobody answers ${question.kind}`);
    }
  }
}

const GROUP = keyId(fromAscii('testgroup'));

function proposals(authentication: IkeProposal['authentication']): readonly IkeProposal[] {
  return [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, authentication }];
}

function client(options: RoadOptions): PeerChanges {
  const { mode = 'aggressive', authentication = 'xauth-initiator-pre-shared-key', method = 'pull', families } = options;
  return {
    mode,
    proposals: proposals(authentication),
    localIdentity: GROUP,
    xauth: { side: 'user', userName: 'alice', password: fromAscii('wonderland'), ...options.user },
    ...(method === 'none' ? {} : { modeConfig: { side: 'client', method, ...(families && { families }) } }),
    children: [
      childPolicy('R2', {
        localIdentity: method === 'none' ? ipv4SubnetId('10.1.12.0/24') : 'assigned',
        remoteIdentity: ipv4SubnetId('10.1.56.0/24'),
      }),
    ],
  };
}

function gateway(options: RoadOptions): PeerChanges {
  const { mode = 'aggressive', authentication = 'xauth-initiator-pre-shared-key', method = 'pull', families } = options;
  return {
    mode,
    proposals: proposals(authentication),
    remote: { addresses: 'any' },
    remoteIdentity: GROUP,
    ...(mode === 'main' ? { allowWildcardKey: true } : {}),
    ...(authentication === 'pre-shared-key' ? {} : { xauth: { side: 'gateway', ...options.gateway } }),
    ...(method === 'none' ? {} : { modeConfig: { side: 'gateway', method, ...(families && { families }) } }),
    children: [
      childPolicy('R3', {
        localIdentity: ipv4SubnetId('10.1.0.0/16'),
        remoteIdentity: method === 'none' ? 'any' : 'assigned',
      }),
    ],
  };
}
