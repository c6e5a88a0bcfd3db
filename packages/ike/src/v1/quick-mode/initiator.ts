import type { DhSide, Engine, Rng } from '@espalier/crypto';
import {
  type DecodedPayload,
  FLAG,
  type Identification,
  IPSEC_ATTRIBUTE,
  type NotificationPayload,
  type SaPayload,
  type Spi,
} from '@espalier/wire';
import { all, only, type PayloadRules } from '../../exchange/rules.ts';
import { NO_SECRETS, type OpenedMessage, type Secret, type Transition } from '../../exchange/state.ts';
import { nameIdentity } from '../../explain/identity.ts';
import { NONCE_OCTETS } from '../../limits.ts';
import type { Path } from '../../path.ts';
import { authentic, refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import { areAllowed } from '../../tolerances.ts';
import type { ChildPolicy } from '../../types.ts';
import { identificationWithin, keepIdentification, matchClient } from '../identities.ts';
import { type Lifetimes, readResponderLifetime } from '../informational/responder-lifetime.ts';
import { hash2, hash3 } from '../keying.ts';
import { checkNonce, refuseKeyExchange } from '../phase1/key-exchange.ts';
import { AwaitsEncrypted, hash1Of, type QuickContext, verifyPhase2 } from '../phase2/phase2.ts';
import { least } from '../proposals/attributes.ts';
import { offerPhase2, type Phase2Choice, readPhase2Choice } from '../proposals/phase2.ts';
import { type OwnSpis, protocolOf, spiFrom } from '../proposals/spis.ts';
import { ExpectConnected } from './connected.ts';
import { checkPfsValue, createPfsKeyPair } from './own-exchange.ts';
import {
  type ChildAgreement,
  clientIdentities,
  type FirstQuickStep,
  nameOf,
  offeredIdentities,
  protectionOf,
  publicValue,
  QUICK_RULES,
  type QuickState,
  type QuickStep,
  sealQuick,
} from './quick.ts';
import { originalAddresses, readOriginalAddresses, type SeenIdentity, seenIdentity } from './transport.ts';

/** A child that is wanted, and what it is received with. */
export interface WantedChild {
  readonly policy: ChildPolicy;
  readonly own: OwnSpis;
}

/** HDR*, HASH(1), SA [, SA ... ], Ni [, KE ], IDci, IDcr -->: several children are for the same, and share a group. */
export function startQuickMode(
  context: QuickContext,
  iv: Uint8Array,
  wanted: readonly [WantedChild, ...WantedChild[]],
  { engine, rng }: { readonly engine: Engine; readonly rng: Rng },
): FirstQuickStep {
  const [{ policy }] = wanted;
  const [idci, idcr] = offeredIdentities(policy);
  const children = wanted.map((child) => ({ ...child, offer: offerPhase2(child.policy, child.own, context.nat) }));
  const dh = policy.pfsGroup === undefined ? undefined : createPfsKeyPair(context, policy.pfsGroup, engine, rng);
  const niB = randomOctets(rng, NONCE_OCTETS);
  const sealed = sealQuick(context, iv, hash1Of(context), [
    ...children.map(({ offer }) => offer),
    { kind: 'nonce', data: niB },
    ...(dh === undefined ? [] : [{ kind: 'ke', data: dh.publicValue } as const]),
    { kind: 'id', ...idci },
    { kind: 'id', ...idcr },
    ...originalAddresses(context, policy, 'initiator'),
  ]);
  const next = new ExpectQuickReply({ context, policy, children, dh, niB, iv: sealed.nextIv });
  return { next: [next], reply: sealed.octets, outcome: undefined };
}

/** A child that is offered. */
interface OfferedChild extends WantedChild {
  readonly offer: SaPayload;
}

/** Message 1 is sent. */
export interface QuickOffered {
  readonly context: QuickContext;
  /** Of the first child: what they are for, and the group, are those of all. */
  readonly policy: ChildPolicy;
  readonly children: readonly OfferedChild[];
  readonly dh: DhSide | undefined;
  readonly niB: Uint8Array;
  readonly iv: Uint8Array;
}

/** Awaits `<-- HDR*, HASH(2), SA [, SA ... ], Nr [, KE ], IDci, IDcr`; sends `HDR*, HASH(3) -->`. */
export class ExpectQuickReply extends AwaitsEncrypted implements QuickState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH(2), SA [, SA ... ], Nr [, KE ], IDci, IDcr', sends: 'HDR*, HASH(3)', to: 'ExpectConnected' },
  ];
  readonly rules: PayloadRules = QUICK_RULES;
  readonly isHashed = true;
  readonly repeats = true;
  readonly awaitsReply = true;
  readonly pending: QuickState['pending'];
  readonly #known: QuickOffered;

  constructor(known: QuickOffered) {
    super(known.context, known.iv);
    this.pending = known.children.map(({ policy, own }) => ({ policy, inbound: own.spi }));
    this.#known = known;
  }

  receive(body: OpenedMessage): QuickStep {
    const { context, niB } = this.#known;
    const { keys, messageId } = context;
    verifyPhase2(body, (rest) => hash2(keys.prf, keys.a, messageId, niB, rest));
    return authentic(() => this.#settle(body));
  }

  override get secrets(): readonly Secret[] {
    const { dh } = this.#known;
    return dh === undefined ? NO_SECRETS : [dh];
  }

  #settle(body: OpenedMessage): QuickStep {
    const { context, policy, dh, niB } = this.#known;
    const { keys, messageId } = context;
    const { payloads, header } = body;
    const choices = this.#choices(all(payloads, 'sa'));
    const nrB = only(payloads, 'nonce').data.slice();
    checkNonce(nrB);
    const gqmxr = publicValue(payloads, policy.pfsGroup);
    const { local, remote } = returnedIdentities(payloads, context, policy);
    if (policy.pfsGroup !== undefined) checkPfsValue(context, policy.pfsGroup, gqmxr);
    const gqmxy = dh === undefined ? gqmxr : (dh.agree(gqmxr) ?? refuseKeyExchange());

    const told = all(payloads, 'notification').filter(({ protocol }) => protocolOf(protocol) !== undefined);
    const secrets = { keys, gqmxy, niB, nrB };
    const awaitsConnected = (header.flags & FLAG.commit) !== 0;
    const sealed = sealQuick(context, body.nextIv, () => hash3(keys.prf, keys.a, messageId, niB, nrB), []);
    const agreements = choices.map(({ policy: of, own, choice }): ChildAgreement => {
      const outbound = nameOf(choice.chosen);
      const lifetimes = toldOf(told, choices.length === 1 ? undefined : [outbound, own.spi]);
      return {
        policy: of,
        role: 'initiator',
        mode: of.mode ?? 'tunnel',
        protections: choice.chosen.map((chosen) => protectionOf(secrets, chosen, own)),
        esn: choice.esn,
        localIdentity: keepIdentification(local.identity),
        remoteIdentity: keepIdentification(remote.identity),
        originalAddresses: readOriginalAddresses(payloads, context, of, 'initiator'),
        inbound: own.spi,
        outbound,
        lifetime: lifetimes.reduce((shortest, { lifetime }) => least(shortest, lifetime) ?? shortest, choice.lifetime),
        lifetimeKilobytes: lifetimes.reduce((fewest, { kilobytes }) => least(fewest, kilobytes), choice.kilobytes),
        pfsGroup: of.pfsGroup,
        ...(awaitsConnected && { awaitsConnected }),
        nonces: [niB, nrB],
      };
    });
    dh?.wipe();
    gqmxy.fill(0);
    const tolerated = [...choices.flatMap(({ choice }) => choice.tolerated), ...local.tolerated, ...remote.tolerated];
    const next = new ExpectConnected(context, sealed.nextIv);
    return { next: [next], reply: sealed.octets, outcome: agreements, tolerated };
  }

  /** What the peer has chosen of each offer, in the order in which they were made (RFC 2409 §5.5). */
  #choices(replies: readonly SaPayload[]): readonly (OfferedChild & { readonly choice: Phase2Choice })[] {
    const { children, context } = this.#known;
    if (replies.length > children.length) refuse('unexpected-payload');
    return children.map((child, i) => {
      const reply = replies[i] ?? refuse('missing-payload');
      return { ...child, choice: readPhase2Choice(reply, child.offer, child.policy, context.nat, context.terms) };
    });
  }
}

/** IDci and IDcr of the answer, each the one that was offered, or within it. */
function returnedIdentities(
  payloads: readonly DecodedPayload[],
  context: QuickContext,
  policy: ChildPolicy,
): { readonly local: SeenIdentity; readonly remote: SeenIdentity } {
  const [idci, idcr] = clientIdentities(payloads) ?? refuse('missing-payload');
  const [ours, theirs] = offeredIdentities(policy);
  const local = returned(idci, ours, 'local', context, policy);
  const remote = returned(idcr, theirs, 'remote', context, policy);
  if (local !== undefined && remote !== undefined) return { local, remote };
  return refuse('invalid-identity', {
    explain: () => ({
      kind: 'selectors',
      idci: nameIdentity(idci),
      idcr: nameIdentity(idcr),
      configured: [
        { policy: policy.name, mode: policy.mode ?? 'tunnel', idci: nameIdentity(ours), idcr: nameIdentity(theirs) },
      ],
      configuredCount: 1,
    }),
  });
}

/**
 * What is agreed on by an identity that the peer returned: it must be the one that was offered, or lie within it. In transport
 * mode peers return other ports than L2TP's, or none: what was offered holds. Undefined for any other.
 */
function returned(
  id: Identification,
  offered: Identification,
  end: keyof Path,
  context: QuickContext,
  policy: ChildPolicy,
): SeenIdentity | undefined {
  const match = matchClient(id, offered);
  if (match !== undefined && areAllowed(match, context.terms)) return { identity: id, tolerated: match };
  const seen = seenIdentity(id, end, context, policy);
  if (seen === undefined || !areAllowed(seen.tolerated, context.terms)) return undefined;
  if (identificationWithin(seen.identity, offered)) return { identity: id, tolerated: seen.tolerated };
  const isOtherPort =
    policy.mode === 'transport' && [0, L2TP_PORT].includes(id.port) && id.protocol === offered.protocol;
  const isSame = identificationWithin({ ...seen.identity, port: offered.port }, offered);
  if (!isOtherPort || !isSame || !context.terms.leniency.has('port-returned')) return undefined;
  return { identity: offered, tolerated: [...seen.tolerated, 'port-returned'] };
}

const L2TP_PORT = 1701;

/** The lifetimes that the peer tells of a child that has one of these SPIs; of the only one, whatever SPI it names. */
function toldOf(told: readonly NotificationPayload[], spis: readonly Spi[] | undefined): readonly Lifetimes[] {
  const isMeant = ({ spi }: NotificationPayload): boolean => {
    const named = spiFrom('esp', spi);
    return spis === undefined || (named !== undefined && spis.includes(named));
  };
  return told.filter(isMeant).flatMap((one) => readResponderLifetime(one, IPSEC_ATTRIBUTE) ?? []);
}
