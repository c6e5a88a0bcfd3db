import { wordsForCredentials } from './credential-words.ts';
import type { FailureDetail, ProposalsDetail, SelectorsDetail } from './detail.ts';
import type { NamedClient } from './identity.ts';
import type { Setting, Words } from './setting.ts';
import { wordsForSilence, wordsForTold } from './standstill-words.ts';
import { differenceText, identityText, listText, placeText, selectorText, transformText } from './texts.ts';

type DetailOf<Kind extends FailureDetail['kind']> = Extract<FailureDetail, { readonly kind: Kind }>;

export function wordsForDetail(detail: FailureDetail, setting: Setting): Words {
  switch (detail.kind) {
    case 'proposals':
      return wordsForProposals(detail, setting);
    case 'identity':
      return wordsForIdentity(detail);
    case 'selectors':
      return wordsForSelectors(detail, setting);
    case 'keys-differ':
      return {
        what: 'its message does not open with the key, or its hash is wrong',
        facts: [`tried the pre-shared key of ${detail.peers.join(', ')}`],
        advice: ['Either side: most likely the pre-shared keys differ; compare both, to the last character.'],
      };
    case 'no-shared-key':
      return {
        what: 'no pre-shared key is known for it',
        facts: detail.identity === undefined ? [] : [`it says it is ${identityText(detail.identity)}`],
        advice: [`Here: configure the key of ${detail.peer}, or answer when it is asked for.`],
      };
    case 'no-signature':
      return {
        what: 'nobody has signed for this side',
        facts: [`this side says it is ${identityText(detail.identity)}`],
        advice: [`Here: configure the private key of ${detail.peer}, or answer when a signature is asked for.`],
      };
    case 'certificates':
    case 'public-key':
    case 'signature':
      return wordsForCredentials(detail);
    case 'no-verdict':
      return {
        what: 'nobody has said whether its certificates are to be believed',
        facts: [`it says it is ${identityText(detail.identity)}`],
        advice: [`Here: configure the public key of ${detail.peer}, or answer when a chain is to be verified.`],
      };
    case 'exchange':
      return wordsForExchange(detail);
    case 'address':
      return {
        what: 'nobody is configured at its address',
        facts: [`configured: ${listText(detail.configured.map(placeText), detail.configuredCount)}`],
        advice: ['Here: if it is a peer, its address is configured wrong, or a NAT has changed it; else ignore it.'],
      };
    case 'version':
      return {
        what: `it speaks IKEv${detail.major}`,
        facts: ['spoken here: IKEv1'],
        advice: ['At the peer: set it to IKEv1 (strongSwan: version = 1; libreswan: ikev2=no).'],
      };
    case 'malformed':
      return {
        what: 'it sent what is no message of ISAKMP',
        facts: [`fault: ${detail.fault}, in ${detail.path}`],
        advice: ['At the peer: its message is built wrong; or it was altered on the way.'],
      };
    case 'silence':
      return wordsForSilence(detail);
    case 'told':
      return wordsForTold(detail);
  }
}

function wordsForProposals(detail: ProposalsDetail, { role, reason }: Setting): Words {
  const { phase, offered, offeredCount, allowed, allowedCount, nearest } = detail;
  const text = transformText(phase);
  const isChanged = reason === 'proposal-changed';
  const isAlike = nearest !== undefined && nearest.differences.length === 0;
  const differences = nearest?.differences.map((difference) => differenceText(difference, phase)) ?? [];
  const where = phase === 1 ? 'phase 1 proposals' : 'phase 2 proposals (suites, PFS group)';
  return {
    what: isChanged ? 'the peer chose what was not offered' : `no ${where} in common`,
    facts: [
      `peer ${isChanged ? 'chose' : 'offers'}: ${listText(offered.map(text), offeredCount)}`,
      `${role === 'initiator' ? 'offered' : 'allowed'} here: ${listText(allowed.map(text), allowedCount)}`,
      ...(differences.length === 0 ? [] : [`the nearest two differ in ${differences.join(', ')}`]),
      ...(isAlike ? ['the nearest two differ in their lifetimes alone, or in how they are written'] : []),
    ],
    advice: [
      ...(isAlike ? ['Here: lifetimeCheck, shortLifetimes and tolerances say what is taken of this peer.'] : []),
      isChanged
        ? 'At the peer: it may only choose what it is offered.'
        : `Either side: make one of the ${where} the same at both.`,
    ],
  };
}

function wordsForIdentity({ came, expected }: DetailOf<'identity'>): Words {
  return {
    what: 'the peer is not whom it is expected to be',
    facts: [
      `peer says it is: ${identityText(came)}`,
      `expected here: ${expected === 'any' ? 'anybody, in a form that RFC 2407 allows' : expected.map(identityText).join(' or ')}`,
    ],
    advice: ["Either side: change the peer's own identity, or whom this side expects."],
  };
}

function wordsForSelectors({ idci, idcr, configured, configuredCount }: SelectorsDetail, { role }: Setting): Words {
  const text = (initiator: NamedClient, responder: NamedClient): string => {
    const [ours, theirs] = role === 'initiator' ? [initiator, responder] : [responder, initiator];
    return `${selectorText(ours)} here, ${selectorText(theirs)} at the peer`;
  };
  const policies = configured.map(
    ({ policy, mode, idci: own, idcr: theirs }) =>
      `${policy}: ${text(own, theirs)}${mode === 'transport' ? ', in transport mode, which is for the gateways alone' : ''}`,
  );
  return {
    what: 'no traffic selectors in common',
    facts: [`peer asks for: ${text(idci, idcr)}`, `configured here: ${listText(policies, configuredCount)}`],
    advice: ['Either side: name the same two subnets at both, each the other way round.'],
  };
}

function wordsForExchange({ asked, configured }: DetailOf<'exchange'>): Words {
  const modes = configured.map(({ peer, mode }) => `${peer} in ${MODES[mode]}`);
  const facts = modes.length === 0 ? [] : [`configured here: ${modes.join(', ')}`];
  if (asked === 'main' || asked === 'aggressive') {
    const wanted = asked === 'main' ? MODES.aggressive : MODES.main;
    const risk = asked === 'aggressive' ? ' (which lets anybody guess the key off-line)' : '';
    return {
      what: `it asks for ${MODES[asked]}`,
      facts,
      advice: [`Either side: set the peer to ${wanted}, or this side to ${MODES[asked]}${risk}.`],
    };
  }
  return {
    what: `it begins with an exchange that begins nothing here: ${asked}`,
    facts,
    advice: ['At the peer: phase 1 begins with Main Mode or Aggressive Mode.'],
  };
}

const MODES = { main: 'Main Mode', aggressive: 'Aggressive Mode' } as const;
