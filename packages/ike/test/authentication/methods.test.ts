import type { AuthenticationName, IkeProposal } from '@espalier/ike';
import { fromAscii, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Pair, type PeerChanges, type Side } from '../support/pair.ts';
import { identityOf, signing } from '../support/signing.ts';

/** A side that has a key to share and one to sign with, and proposes what it is told, in this order. */
function both(side: Side, mode: 'main' | 'aggressive', methods: readonly AuthenticationName[]): PeerChanges {
  const proposal = { encryption: '3des-cbc', hash: 'sha1', group: 2 } as const;
  return {
    ...signing(side, { mode }),
    localIdentity: identityOf(side),
    preSharedKey: fromAscii('juniper'),
    proposals: methods.map((authentication): IkeProposal => ({ ...proposal, authentication })),
  };
}

describe.each(['main', 'aggressive'] as const)('in %s mode, a key and signatures side by side', (mode) => {
  const ALL: readonly AuthenticationName[] = ['pre-shared-key', 'rsa-signature'];
  it.each([
    [ALL, ['rsa-signature'], 'rsa-signature'],
    [ALL, ['pre-shared-key'], 'pre-shared-key'],
    [['rsa-signature'], ALL, 'rsa-signature'],
    [['pre-shared-key'], ALL, 'pre-shared-key'],
    [ALL, ['rsa-signature', 'pre-shared-key'], 'rsa-signature'],
    [['rsa-signature', 'pre-shared-key'], ALL, 'pre-shared-key'],
  ] as const)('offered %j, allowed %j: the responder prefers %s', (offered, allowed, chosen) => {
    const pair = new Pair({ R2: both('R2', mode, offered), R3: both('R3', mode, allowed) }).initiate();
    pair.run(seconds(2));
    for (const node of pair.nodes) {
      expect(node.of('ike-established').map(({ ikeSa }) => ikeSa.proposal?.authentication)).toEqual([chosen]);
      expect(node.of('child-established')).toHaveLength(1);
    }
  });

  it('with none in common say so', () => {
    const pair = new Pair({ R2: both('R2', mode, ['rsa-signature']), R3: both('R3', mode, ['pre-shared-key']) });
    pair.initiate().run(seconds(2));
    expect(pair.R3.news.map(({ reason }) => reason)).toEqual(['no-proposal-chosen']);
  });
});
