import type { OwnSide, Standstill, ToldDetail } from './detail.ts';
import type { Words } from './setting.ts';
import { identityText, listText, selectorText, transformText } from './texts.ts';

/** What it means that after the message with this number nothing came, and what to do. */
interface Meaning {
  readonly facts: readonly string[];
  readonly advice: readonly string[];
}

const NAMES = {
  main: 'Main Mode',
  aggressive: 'Aggressive Mode',
  quick: 'Quick Mode',
  xauth: 'XAuth',
  'mode-config': 'Mode Config',
} as const;

const NOT_REACHED: Meaning = {
  facts: ['Nothing has come from the peer at all.'],
  advice: [
    'On the way: a wrong address, a firewall or a route keeps UDP port 500 from it, or its answers from here.',
    "At the peer: it may be down, or not know this side's address, and say nothing: look at its log.",
  ],
};

const KEYS_DIFFER: Meaning = {
  facts: ['Proposals are agreed on; this message is the first that the pre-shared key encrypts.'],
  advice: [
    'Either side: most likely the pre-shared keys differ; compare both, to the last character.',
    "At the peer: else it does not accept this side's identity: look at its log.",
  ],
};

const ANSWERS_LOST: Meaning = {
  facts: ["The peer's first message was answered, and it says no more."],
  advice: ['On the way: answers from here do not reach it (firewall, NAT, route); or it was no peer, but a scanner.'],
};

const MEANINGS: Readonly<Record<Standstill['exchange'], Readonly<Record<number, Meaning>>>> = {
  main: {
    1: NOT_REACHED,
    2: ANSWERS_LOST,
    3: {
      facts: ['The peer has answered message 1, and not the key exchange.'],
      advice: ['At the peer: it has given up, or it does not know the pre-shared key: look at its log.'],
    },
    4: {
      facts: ['The keys are made, and the peer does not authenticate itself.'],
      advice: ['At the peer: it has given up, or it has no pre-shared key for this side: look at its log.'],
    },
    5: KEYS_DIFFER,
  },
  aggressive: {
    1: {
      facts: NOT_REACHED.facts,
      advice: [
        'On the way: a wrong address, a firewall or a route keeps UDP port 500 from it, or its answers from here.',
        "At the peer: it may refuse Aggressive Mode, this side's identity or its proposals, and say nothing.",
      ],
    },
    2: {
      facts: ["This side's answer, with its hash, is sent, and the peer does not confirm it."],
      advice: [
        "Either side: most likely the pre-shared keys differ, or the peer does not accept this side's identity.",
        'On the way: else the answer does not reach it.',
      ],
    },
  },
  quick: {
    1: {
      facts: ['The IKE SA is there, and the peer does not answer under it.'],
      advice: [
        'At the peer: it has lost the IKE SA, or refuses and says nothing: a new one is tried next; look at its log.',
      ],
    },
  },
  xauth: {
    0: {
      facts: ['Phase 1 is done, and the gateway does not ask who the user is.'],
      advice: ['At the peer: it may do without XAuth, or have refused in its own way: look at its log.'],
    },
    1: {
      facts: ['Phase 1 is done, and the user does not say who they are.'],
      advice: [
        'At the peer: it does not speak XAuth, or nobody has typed a password in time.',
        'Here: else nobody has answered when credentials were to be verified.',
      ],
    },
  },
  'mode-config': {
    0: {
      facts: ['The gateway does not tell this side its address.'],
      advice: [
        'At the peer: it may wait to be asked (pull), or have no pool of addresses for this client.',
        "Here: set modeConfig.method to 'pull' if it waits.",
      ],
    },
    1: {
      facts: ['The peer does not answer what was asked or set.'],
      advice: [
        'At the peer: a gateway may have no pool of addresses for this client: look at its log.',
        "Either side: else 'pull' at one and 'push' at the other: set both alike.",
      ],
    },
  },
};

const LARGE =
  'On the way: certificates make datagrams that are sent in pieces, and firewalls that keep the pieces from the peer.';

/** Likewise where both sides sign, by the number of the message alone. */
const SIGNED: Readonly<Record<number, Meaning>> = {
  2: {
    facts: ["This side's answer, with its signature, is sent, and the peer does not confirm it."],
    advice: [
      "At the peer: most likely it does not believe this side's certificate, key or identity: look at its log.",
      LARGE,
    ],
  },
  4: {
    facts: ['The keys are made, and the peer does not prove who it is.'],
    advice: ['At the peer: it may have nothing to sign with, or wait for its certificates: look at its log.', LARGE],
  },
  5: {
    facts: ['This side has signed, and the peer does not answer.'],
    advice: [
      "At the peer: most likely it does not believe this side's certificate, key or identity: look at its log.",
      LARGE,
    ],
  },
};

const PORT_4500 = 'On the way: there is a NAT, and UDP port 4500 may be blocked.';
const LOOK = 'At the peer: look at its log.';

export function wordsForSilence(detail: Standstill): Words {
  const { exchange, sent, inUdp, isSigned } = detail;
  const { facts, advice } = (isSigned === true ? SIGNED[sent] : MEANINGS[exchange][sent]) ?? {
    facts: [],
    advice: [LOOK],
  };
  const isPhase1 = exchange === 'main' || exchange === 'aggressive';
  const isAwaited = sent === 0 && !isPhase1;
  const name = NAMES[exchange];
  const what = isAwaited ? `the peer does not begin ${name}` : `no answer to message ${sent} of ${name}`;
  return { what, facts, advice: inUdp && isPhase1 ? [...advice, PORT_4500].slice(0, 3) : advice };
}

export function wordsForTold(detail: ToldDetail): Words {
  const { error, authenticated, exchange, sent, ours } = detail;
  return {
    what: `the peer says ${error} to message ${sent} of ${NAMES[exchange]}`,
    facts: [
      ...(ours === undefined ? [] : [ownText(ours)]),
      ...(authenticated ? [] : ['It is not authenticated: anybody may have said it; but nothing else came.']),
    ],
    advice: toldAdvice(detail),
  };
}

function ownText(ours: OwnSide): string {
  switch (ours.kind) {
    case 'offer':
      return `offered here: ${listText(ours.offered.map(transformText(ours.phase)), ours.offeredCount)}`;
    case 'identity':
      return `this side says it is: ${identityText(ours.identity)}`;
    case 'selectors':
      return `asked for: ${selectorText(ours.local)} here, ${selectorText(ours.remote)} at the peer`;
  }
}

function toldAdvice({ error, exchange, sent }: ToldDetail): readonly string[] {
  if (error === 'NO-PROPOSAL-CHOSEN') {
    return exchange === 'quick'
      ? ["Either side: make suite and PFS group the same at both; the peer's log says what it allows."]
      : ["Either side: make one phase 1 proposal the same at both; the peer's log says what it allows."];
  }
  if (error === 'INVALID-ID-INFORMATION') {
    return exchange === 'quick'
      ? ['Either side: name the same two subnets at both, each the other way round.']
      : ["Either side: change this side's own identity, or whom the peer expects."];
  }
  if (exchange === 'main' && sent === 5) return KEYS_DIFFER.advice;
  return [LOOK];
}
