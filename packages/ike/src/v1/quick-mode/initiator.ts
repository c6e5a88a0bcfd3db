import type { DhKeyPair, Engine, Rng } from '@espalier/crypto';
import { type Identification, IPSEC_ATTRIBUTE, type NotificationPayload, type SaPayload } from '@espalier/wire';
import { all, only, type PayloadRules } from '../../exchange/rules.ts';
import type { OpenedMessage, Protection, Transition } from '../../exchange/state.ts';
import { nameIdentity } from '../../explain/identity.ts';
import { NONCE_OCTETS } from '../../limits.ts';
import type { Path } from '../../peer/path/path.ts';
import { authentic, refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import { areAllowed } from '../../tolerances.ts';
import type { ChildPolicy } from '../../types.ts';
import { identificationWithin, keepIdentification, matchClient } from '../identities.ts';
import { type Lifetimes, readResponderLifetime } from '../informational/responder-lifetime.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../key-exchange.ts';
import { hash1, hash2, hash3 } from '../keying.ts';
import { type QuickContext, verifyPhase2 } from '../phase2.ts';
import { least } from '../proposals/attributes.ts';
import { offerPhase2, readPhase2Choice } from '../proposals/phase2.ts';
import { type OwnSpis, protocolOf } from '../proposals/spis.ts';
import {
  clientIdentities,
  encrypted,
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

/** HDR*, HASH(1), SA, Ni [, KE ], IDci, IDcr --> */
export function startQuickMode(
  context: QuickContext,
  iv: Uint8Array,
  policy: ChildPolicy,
  own: OwnSpis,
  { engine, rng }: { readonly engine: Engine; readonly rng: Rng },
): FirstQuickStep {
  const { keys, messageId, nat } = context;
  const [idci, idcr] = offeredIdentities(policy);
  const offer = offerPhase2(policy, own, nat);
  const dh = policy.pfsGroup === undefined ? undefined : engine.createDhKeyPair(policy.pfsGroup, rng);
  const niB = randomOctets(rng, NONCE_OCTETS);
  const sealed = sealQuick(context, iv, (rest) => hash1(keys.prf, keys.a, messageId, rest), [
    offer,
    { kind: 'nonce', data: niB },
    ...(dh === undefined ? [] : [{ kind: 'ke', data: dh.publicValue } as const]),
    { kind: 'id', ...idci },
    { kind: 'id', ...idcr },
    ...originalAddresses(context, policy, 'initiator'),
  ]);
  const next = new ExpectQuickReply({ context, policy, own, offer, dh, niB, iv: sealed.nextIv });
  return { next: [next], reply: sealed.octets, outcome: undefined };
}

/** Message 1 is sent. */
export interface QuickOffered {
  readonly context: QuickContext;
  readonly policy: ChildPolicy;
  readonly own: OwnSpis;
  readonly offer: SaPayload;
  readonly dh: DhKeyPair | undefined;
  readonly niB: Uint8Array;
  readonly iv: Uint8Array;
}

/** Awaits `<-- HDR*, HASH(2), SA, Nr [, KE ], IDci, IDcr`; sends `HDR*, HASH(3) -->`. */
export class ExpectQuickReply implements QuickState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH(2), SA, Nr [, KE ], IDci, IDcr', sends: 'HDR*, HASH(3)', to: 'Finished' },
  ];
  readonly protection: Protection;
  readonly rules: PayloadRules = QUICK_RULES;
  readonly isHashed = true;
  readonly repeats = true;
  readonly awaitsReply = true;
  readonly pending: NonNullable<QuickState['pending']>;
  readonly #known: QuickOffered;

  constructor(known: QuickOffered) {
    this.protection = encrypted(known.context, known.iv);
    this.pending = { policy: known.policy, inbound: known.own.spi };
    this.#known = known;
  }

  receive(body: OpenedMessage): QuickStep {
    const { context, niB } = this.#known;
    const { keys, messageId } = context;
    verifyPhase2(body, (rest) => hash2(keys.prf, keys.a, messageId, niB, rest));
    return authentic(() => this.#settle(body));
  }

  wipe(): void {
    this.#known.dh?.wipe();
  }

  #settle(body: OpenedMessage): QuickStep {
    const { context, policy, own, offer, dh, niB } = this.#known;
    const { keys, messageId, nat, terms } = context;
    const { payloads } = body;
    const choice = readPhase2Choice(only(payloads, 'sa'), offer, policy, nat, terms);
    const nrB = only(payloads, 'nonce').data.slice();
    checkNonce(nrB);
    const gqmxr = publicValue(payloads, policy.pfsGroup);
    const [idci, idcr] = clientIdentities(payloads) ?? refuse('missing-payload');
    const [ours, theirs] = offeredIdentities(policy);
    const local = returned(idci, ours, 'local', context, policy);
    const remote = returned(idcr, theirs, 'remote', context, policy);
    if (local === undefined || remote === undefined) {
      return refuse('invalid-identity', {
        explain: () => ({
          kind: 'selectors',
          idci: nameIdentity(idci),
          idcr: nameIdentity(idcr),
          configured: [
            {
              policy: policy.name,
              mode: policy.mode ?? 'tunnel',
              idci: nameIdentity(ours),
              idcr: nameIdentity(theirs),
            },
          ],
          configuredCount: 1,
        }),
      });
    }
    if (dh !== undefined) checkPublicValue(dh.group, gqmxr);
    const gqmxy = dh === undefined ? gqmxr : (dh.agree(gqmxr) ?? refuseKeyExchange());

    const told = all(payloads, 'notification')
      .filter(({ protocol }) => protocolOf(protocol) !== undefined)
      .map(readLifetime);
    const secrets = { keys, gqmxy, niB, nrB };
    const sealed = sealQuick(context, body.nextIv, () => hash3(keys.prf, keys.a, messageId, niB, nrB), []);
    const agreement = {
      policy,
      role: 'initiator',
      mode: policy.mode ?? 'tunnel',
      protections: choice.chosen.map((chosen) => protectionOf(secrets, chosen, own)),
      esn: choice.esn,
      localIdentity: keepIdentification(local.identity),
      remoteIdentity: keepIdentification(remote.identity),
      originalAddresses: readOriginalAddresses(payloads, context, policy, 'initiator'),
      inbound: own.spi,
      outbound: nameOf(choice.chosen),
      lifetime: told.reduce((shortest, { lifetime }) => least(shortest, lifetime) ?? shortest, choice.lifetime),
      lifetimeKilobytes: told.reduce((fewest, { kilobytes }) => least(fewest, kilobytes), choice.kilobytes),
      pfsGroup: policy.pfsGroup,
      nonces: [niB, nrB],
    } as const;
    dh?.wipe();
    gqmxy.fill(0);
    const tolerated = [...choice.tolerated, ...local.tolerated, ...remote.tolerated];
    return { next: [], reply: sealed.octets, outcome: agreement, tolerated };
  }
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

function readLifetime(notification: NotificationPayload): Lifetimes {
  return readResponderLifetime(notification, IPSEC_ATTRIBUTE) ?? { lifetime: undefined, kilobytes: undefined };
}
