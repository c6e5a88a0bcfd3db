import type { DhKeyPair, Engine, Rng } from '@espalier/crypto';
import { IPSEC_ATTRIBUTE, type NotificationPayload, PROTOCOL_ID, type SaPayload, type Spi } from '@espalier/wire';
import { all, only, type PayloadRules } from '../../exchange/rules.ts';
import { NONCE_OCTETS } from '../../limits.ts';
import { refuse } from '../../refusals.ts';
import { randomOctets } from '../../runtime/random.ts';
import type { ChildPolicy } from '../../types.ts';
import { identificationWithin, keepIdentification } from '../identities.ts';
import { type Lifetimes, least, readResponderLifetime } from '../informational/responder-lifetime.ts';
import { checkNonce, checkPublicValue, refuseKeyExchange } from '../key-exchange.ts';
import { hash1, hash2, hash3 } from '../keying.ts';
import type { Transition } from '../phase1.ts';
import { type Phase2Context, verifyPhase2 } from '../phase2.ts';
import { offerPhase2, readPhase2Choice } from '../proposals/phase2.ts';
import type { OpenedBody } from '../protection.ts';
import { QuickFinished } from './finished.ts';
import {
  childKeys,
  clientIdentities,
  publicValue,
  QUICK_RULES,
  type QuickState,
  type QuickStep,
  sealQuick,
} from './quick.ts';

/** HDR*, HASH(1), SA, Ni [, KE ], IDci, IDcr --> */
export function startQuickMode(
  context: Phase2Context,
  iv: Uint8Array,
  policy: ChildPolicy,
  inbound: Spi,
  { engine, rng }: { readonly engine: Engine; readonly rng: Rng },
): QuickStep {
  const { keys, messageId, nat } = context;
  const offer = offerPhase2(policy, inbound, nat);
  const dh = policy.pfsGroup === undefined ? undefined : engine.createDhKeyPair(policy.pfsGroup, rng);
  const niB = randomOctets(rng, NONCE_OCTETS);
  const sealed = sealQuick(context, iv, (rest) => hash1(keys.hash, keys.a, messageId, rest), [
    offer,
    { kind: 'nonce', data: niB },
    ...(dh === undefined ? [] : [{ kind: 'ke', data: dh.publicValue } as const]),
    { kind: 'id', ...policy.localIdentity },
    { kind: 'id', ...policy.remoteIdentity },
  ]);
  const next = new ExpectQuickReply({ context, policy, inbound, offer, dh, niB, iv: sealed.nextIv });
  return { next, reply: sealed.octets, agreement: undefined };
}

/** Message 1 is sent. */
export interface QuickOffered {
  readonly context: Phase2Context;
  readonly policy: ChildPolicy;
  readonly inbound: Spi;
  readonly offer: SaPayload;
  readonly dh: DhKeyPair | undefined;
  readonly niB: Uint8Array;
  readonly iv: Uint8Array;
}

/** Awaits `<-- HDR*, HASH(2), SA, Nr [, KE ], IDci, IDcr`; sends `HDR*, HASH(3) -->`. */
export class ExpectQuickReply implements QuickState {
  static readonly transitions: readonly Transition[] = [
    { on: 'HDR*, HASH(2), SA, Nr [, KE ], IDci, IDcr', sends: 'HDR*, HASH(3)', to: 'QuickFinished' },
  ];
  readonly rules: PayloadRules = QUICK_RULES;
  readonly repeats = true;
  readonly iv: Uint8Array;
  readonly #known: QuickOffered;

  constructor(known: QuickOffered) {
    this.iv = known.iv;
    this.#known = known;
  }

  /** The SPI offered: a peer that refuses may name it. */
  get inbound(): Spi {
    return this.#known.inbound;
  }

  get policy(): ChildPolicy {
    return this.#known.policy;
  }

  receive(body: OpenedBody): QuickStep {
    const { context, policy, inbound, offer, dh, niB } = this.#known;
    const { keys, messageId } = context;
    const { payloads } = body;
    verifyPhase2(body, (rest) => hash2(keys.hash, keys.a, messageId, niB, rest));

    const choice = readPhase2Choice(only(payloads, 'sa'), offer, policy);
    const nrB = only(payloads, 'nonce').data.slice();
    checkNonce(nrB);
    const gqmxr = publicValue(payloads, policy.pfsGroup);
    const [idci, idcr] = clientIdentities(payloads) ?? refuse('missing-payload');
    if (!identificationWithin(idci, policy.localIdentity) || !identificationWithin(idcr, policy.remoteIdentity)) {
      refuse('invalid-identity');
    }
    if (dh !== undefined) checkPublicValue(dh.group, gqmxr);
    const gqmxy = dh === undefined ? gqmxr : (dh.agree(gqmxr) ?? refuseKeyExchange());

    const told = all(payloads, 'notification')
      .filter(({ protocol }) => protocol === PROTOCOL_ID.esp)
      .map(readLifetime);
    const secrets = { keys, gqmxy, niB, nrB };
    const sealed = sealQuick(context, body.nextIv, () => hash3(keys.hash, keys.a, messageId, niB, nrB), []);
    const agreement = {
      policy,
      role: 'initiator',
      suite: choice.suite,
      esn: choice.esn,
      localIdentity: keepIdentification(idci),
      remoteIdentity: keepIdentification(idcr),
      inbound: childKeys(secrets, choice.suite, inbound),
      outbound: childKeys(secrets, choice.suite, choice.spi),
      lifetime: told.reduce((shortest, { lifetime }) => least(shortest, lifetime) ?? shortest, policy.lifetime),
      lifetimeKilobytes: told.reduce((fewest, { kilobytes }) => least(fewest, kilobytes), policy.lifetimeKilobytes),
      pfsGroup: policy.pfsGroup,
      nonces: [niB, nrB],
    } as const;
    dh?.wipe();
    gqmxy.fill(0);
    return { next: new QuickFinished(sealed.nextIv), reply: sealed.octets, agreement };
  }

  wipe(): void {
    this.#known.dh?.wipe();
  }
}

function readLifetime(notification: NotificationPayload): Lifetimes {
  return readResponderLifetime(notification, IPSEC_ATTRIBUTE) ?? { lifetime: undefined, kilobytes: undefined };
}
