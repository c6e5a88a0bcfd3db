import type { DhKeyPair, Engine, Rng } from '@espalier/crypto';
import { type Identification, IPSEC_ATTRIBUTE, type NotificationPayload, type SaPayload } from '@espalier/wire';
import { all, only, type PayloadRules } from '../../exchange/rules.ts';
import type { OpenedMessage, Protection, Transition } from '../../exchange/state.ts';
import { nameIdentity } from '../../explain/identity.ts';
import { NONCE_OCTETS } from '../../limits.ts';
import type { Path } from '../../peer/path/path.ts';
import { authentic, refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import type { ChildPolicy } from '../../types.ts';
import { identificationWithin, keepIdentification } from '../identities.ts';
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
import { type Gateways, originalAddresses, readOriginalAddresses, seenIdentity } from './transport.ts';

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
  const sealed = sealQuick(context, iv, (rest) => hash1(keys.hash, keys.a, messageId, rest), [
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
    verifyPhase2(body, (rest) => hash2(keys.hash, keys.a, messageId, niB, rest));
    return authentic(() => this.#settle(body));
  }

  wipe(): void {
    this.#known.dh?.wipe();
  }

  #settle(body: OpenedMessage): QuickStep {
    const { context, policy, own, offer, dh, niB } = this.#known;
    const { keys, messageId, nat } = context;
    const { payloads } = body;
    const choice = readPhase2Choice(only(payloads, 'sa'), offer, policy, nat);
    const nrB = only(payloads, 'nonce').data.slice();
    checkNonce(nrB);
    const gqmxr = publicValue(payloads, policy.pfsGroup);
    const [idci, idcr] = clientIdentities(payloads) ?? refuse('missing-payload');
    const [ours, theirs] = offeredIdentities(policy);
    if (!isFor(idci, ours, 'local', context, policy) || !isFor(idcr, theirs, 'remote', context, policy)) {
      refuse('invalid-identity', {
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
    const sealed = sealQuick(context, body.nextIv, () => hash3(keys.hash, keys.a, messageId, niB, nrB), []);
    const agreement = {
      policy,
      role: 'initiator',
      mode: policy.mode ?? 'tunnel',
      protections: choice.chosen.map((chosen) => protectionOf(secrets, chosen, own)),
      esn: choice.esn,
      localIdentity: keepIdentification(idci),
      remoteIdentity: keepIdentification(idcr),
      originalAddresses: readOriginalAddresses(payloads, context, policy, 'initiator'),
      inbound: own.spi,
      outbound: nameOf(choice.chosen),
      lifetime: told.reduce((shortest, { lifetime }) => least(shortest, lifetime) ?? shortest, policy.lifetime),
      lifetimeKilobytes: told.reduce((fewest, { kilobytes }) => least(fewest, kilobytes), policy.lifetimeKilobytes),
      pfsGroup: policy.pfsGroup,
      nonces: [niB, nrB],
    } as const;
    dh?.wipe();
    gqmxy.fill(0);
    return { next: [], reply: sealed.octets, outcome: agreement };
  }
}

/** Whether an identity that the peer returned is the one that was offered, or lies within it. */
function isFor(
  id: Identification,
  offered: Identification,
  end: keyof Path,
  gateways: Gateways,
  policy: ChildPolicy,
): boolean {
  if (identificationWithin(id, offered)) return true;
  const seen = seenIdentity(id, end, gateways, policy);
  return seen !== undefined && identificationWithin(seen, offered);
}

function readLifetime(notification: NotificationPayload): Lifetimes {
  return readResponderLifetime(notification, IPSEC_ATTRIBUTE) ?? { lifetime: undefined, kilobytes: undefined };
}
