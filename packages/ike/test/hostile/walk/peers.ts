import { type Answer, Passwords, type Question } from '@espalier/ike';
import { fromAscii } from '@espalier/wire';
import { type PeerChanges, peerConfig, R2, type Side } from '../../support/pair.ts';
import { answerTo, privateKeyOf, publicKeyOf, signing } from '../../support/signing.ts';
import { type RoadOptions, roadOptions } from '../../transaction/road.ts';

/** How the two ends know each other, how somebody would be known who passes for R2, and what the ends' callers answer. */
export interface WalkPeers extends Readonly<Record<Side | 'stranger', PeerChanges>> {
  readonly answer: (side: Side, question: Question) => Answer;
}

/** Ends that share a key, which the stranger has not. */
export function sharing(changes: PeerChanges): WalkPeers {
  return {
    R2: changes,
    R3: changes,
    stranger: { ...changes, preSharedKey: fromAscii('juniper?') },
    answer: answerTo,
  };
}

/** Ends that sign; the stranger has another key. `verify`: whether whose a key is has to be asked for. */
export function signingPeers(changes: PeerChanges, verify = false): WalkPeers {
  const { mode = 'main' } = changes;
  const of = (side: Side): PeerChanges => ({
    ...changes,
    ...signing(side, { mode, method: 'ecdsa-256', asks: { sign: false, verify } }),
  });
  const credentials = { privateKey: privateKeyOf('R3', 'ecdsa-256') };
  return {
    R2: of('R2'),
    R3: of('R3'),
    stranger: { ...changes, ...signing('R2', { mode, method: 'ecdsa-256', credentials }) },
    answer: answerTo,
  };
}

/** R2 is a user on the road, who is given an address by R3; the stranger has what all users have, and no password. */
export function users(
  changes: PeerChanges,
  { mode = 'main', method = 'pull' }: RoadOptions,
  isHybrid = false,
): WalkPeers {
  const authentications = isHybrid
    ? (['hybrid-initiator-rsa-signature', 'hybrid-responder-rsa-signature'] as const)
    : (['xauth-initiator-pre-shared-key', 'xauth-responder-pre-shared-key'] as const);
  const proposals = authentications.flatMap((authentication) =>
    peerConfig('R2').proposals.map((proposal) => ({ ...proposal, authentication })),
  );
  const { R2: user = {}, R3: gateway = {} } = roadOptions({ mode, method });
  const own = { ...changes, proposals };
  const known = isHybrid ? { credentials: { remoteKey: publicKeyOf('R3', 'rsa-signature') } } : {};
  const signs = {
    credentials: { privateKey: privateKeyOf('R3', 'rsa-signature'), remoteKey: publicKeyOf('R2', 'rsa-signature') },
  };
  const one: PeerChanges = { ...user, ...own, ...known };
  return {
    R2: one,
    R3: { ...gateway, ...own, remote: R2, ...(isHybrid ? signs : {}) },
    stranger: { ...one, xauth: { side: 'user', userName: 'alice', password: fromAscii('looking-glass') } },
    answer: (_, question) => {
      if (question.kind === 'verify-credentials') return PASSWORDS.answer(question);
      if (question.kind === 'lease') return { kind: 'lease', lease: { addresses: ['10.1.77.1'] } };
      throw new Error(`nobody is to ask for ${question.kind}`);
    },
  };
}

const PASSWORDS = new Passwords([{ userName: 'alice', password: fromAscii('wonderland') }]);
