import { ahSuite, espSuite, type PrivateGroup } from '@espalier/crypto';
import { type ChildPolicy, type IkeEndpoint, type PeerConfig, privateGroupNumber } from '@espalier/ike';
import {
  type Identification,
  type IdentificationPorts,
  type Instant,
  ipv4AddressId,
  ipv4RangeId,
  ipv4SubnetId,
  ipv6AddressId,
  PROTOCOL,
  seconds,
} from '@espalier/wire';
import { otherSide, type SessionAct, type SessionSpecification, type Side } from '../specification.ts';
import { ADDRESSES } from './addresses.ts';

/** What brings up children. */
type Beginning = 'begin' | Extract<SessionAct['act'], 'add-child' | 'add-children' | 'new-group'>;

/** A child: what brings it up, and what it is for. */
interface Client {
  readonly name: string;
  readonly by: Beginning;
  /** Inside of a tunnel, at the right end. */
  readonly inside: Identification;
  /** In transport mode, of the addresses of both ends. */
  readonly ports?: IdentificationPorts;
  /** Default: that of the specification. */
  readonly pfsGroup?: ChildPolicy['pfsGroup'];
  /** Whether it is told by its suite from another for the same. */
  readonly isOther?: boolean;
}

/** 2^1024 - 105 is a prime. Its group is nobody's, and has no number until New Group Mode gives it one (RFC 2409 §5.6). */
const GROUP: PrivateGroup = { prime: new Uint8Array(128).fill(0xff).fill(0x97, 127), generator: Uint8Array.of(2) };
const GROUP_NUMBER = privateGroupNumber(0x8001);

const OTHER_SUITE = 'aes-256-gcm-16';
const YET_ANOTHER_SUITE = '3des-cbc/hmac-sha1-96';

const TOGETHER = { by: 'add-children', inside: ipv4AddressId('10.4.0.1'), ports: { protocol: PROTOCOL.tcp } } as const;

const CLIENTS: readonly Client[] = [
  { name: 'net', by: 'begin', inside: ipv4SubnetId('10.2.0.0/16') },
  {
    ...{ name: 'added', by: 'add-child', inside: ipv4RangeId('10.3.0.1', '10.3.0.99') },
    ports: { protocol: PROTOCOL.udp, port: 1701 },
  },
  { ...TOGETHER, name: 'one' },
  { ...TOGETHER, name: 'other', isOther: true },
  {
    ...{ name: 'grouped', by: 'new-group', inside: ipv4SubnetId('10.5.0.0/16') },
    ...{ ports: { protocol: PROTOCOL.udp }, pfsGroup: GROUP_NUMBER },
  },
];

const LEFT = ipv4SubnetId('10.1.0.0/16');
const LIFETIME = seconds(1800);

/** The child of the session and those that its acts add, as one end has them. */
export function childrenConfig(
  side: Side,
  specification: SessionSpecification,
): Pick<PeerConfig, 'children' | 'acceptedGroups'> {
  const { acts } = specification;
  const isBegun = (by: Beginning): boolean => by === 'begin' || acts.some(({ act }) => act === by);
  return {
    children: CLIENTS.filter(({ by }) => isBegun(by)).map((client) => policyOf(side, specification, client)),
    ...(isBegun('new-group') ? { acceptedGroups: [GROUP] } : {}),
  };
}

/** Whether the left end is given its address inside: it has one of its own in transport mode. */
export function isAssigned({ modeConfig, childMode }: SessionSpecification): boolean {
  return modeConfig && childMode === 'tunnel';
}

/** What brings up children at one end, of those that its peer is configured with. */
export function beginnings(
  endpoint: IkeEndpoint,
  { name: peerName, children }: PeerConfig,
): Readonly<Partial<Record<Beginning, (now: Instant) => void>>> {
  const begun = CLIENTS.filter((client) => children.some(({ name }) => name === client.name));
  return Object.fromEntries(
    begun.map(({ by }) => {
      const [first, ...others] = begun.flatMap((client) => (client.by === by ? [client.name] : []));
      const begin = (now: Instant): void => {
        if (by === 'new-group') endpoint.newGroup(now, peerName, GROUP_NUMBER, GROUP);
        if (first === undefined || others.length === 0) endpoint.initiate(now, peerName, first);
        else endpoint.initiateTogether(now, peerName, [first, ...others]);
      };
      return [by, begin];
    }),
  );
}

function policyOf(side: Side, specification: SessionSpecification, client: Client): ChildPolicy {
  const { name, pfsGroup = specification.pfsGroup, isOther = false } = client;
  const identities = identitiesOf(specification, client);
  return {
    name,
    ...(isOther ? otherProtection(specification) : protection(specification)),
    ...(pfsGroup === undefined ? {} : { pfsGroup }),
    mode: specification.childMode,
    localIdentity: identities[side],
    remoteIdentity: identities[otherSide(side)],
    lifetime: LIFETIME,
  };
}

/** ESP alone is a suite; whatever else protects a child is a bundle. */
function protection({ suite, ah, ipcomp }: SessionSpecification): Pick<ChildPolicy, 'suites' | 'bundles'> {
  const esp = suite === undefined ? [] : [espSuite(suite)];
  if (ah === undefined && ipcomp === undefined) return { suites: esp };
  const bundle = {
    ...(ipcomp === undefined ? {} : { ipcomp }),
    ...(suite === undefined ? {} : { esp }),
    ...(ah === undefined ? {} : { ah: [ahSuite(ah)] }),
  };
  return { suites: [], bundles: [bundle] };
}

function otherProtection({ suite, ah, ipcomp }: SessionSpecification): Pick<ChildPolicy, 'suites'> {
  const isPlain = ah === undefined && ipcomp === undefined;
  return { suites: [espSuite(isPlain && suite === OTHER_SUITE ? YET_ANOTHER_SUITE : OTHER_SUITE)] };
}

function identitiesOf(
  specification: SessionSpecification,
  { inside, ports }: Client,
): Readonly<Record<Side, ChildPolicy['localIdentity']>> {
  const { childMode, family } = specification;
  if (isAssigned(specification)) return { left: 'assigned', right: inside };
  if (childMode === 'tunnel') return { left: LEFT, right: inside };
  const { left, right } = ADDRESSES[family];
  const idOf = family === 4 ? ipv4AddressId : ipv6AddressId;
  return { left: idOf(left.address, ports), right: idOf(right.address, ports) };
}
