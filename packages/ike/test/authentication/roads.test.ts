import type { AuthenticationName, Credentials } from '@espalier/ike';
import { fromAscii, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import type { PeerChanges } from '../support/pair.ts';
import { answerTo, identityOf, privateKeyOf, publicKeyOf } from '../support/signing.ts';
import { Road, type RoadOptions } from '../transaction/road.ts';

const RSA = 'rsa-signature';

interface Way {
  readonly mode: 'main' | 'aggressive';
  readonly authentication: AuthenticationName;
}

const ROADS: readonly Way[] = (['main', 'aggressive'] as const).flatMap((mode) =>
  (['xauth-initiator-rsa-signature', 'hybrid-initiator-rsa-signature'] as const).map((authentication) => ({
    mode,
    authentication,
  })),
);

/** R2 is on the road; in hybrid authentication it has no key of its own. */
function road(
  { mode, authentication }: Way,
  changes: { R2?: PeerChanges; R3?: PeerChanges } = {},
  options: RoadOptions = {},
): Road {
  const hybrid = authentication.startsWith('hybrid');
  const keys = (own: Credentials['privateKey'], remote: Credentials['remoteKey']): PeerChanges => ({
    credentials: { privateKey: own, remoteKey: remote },
  });
  return new Road({
    ...options,
    mode,
    authentication,
    R2: {
      localIdentity: identityOf('R2'),
      remoteIdentity: identityOf('R3'),
      ...keys(hybrid ? 'ask' : privateKeyOf('R2', RSA), publicKeyOf('R3', RSA)),
      ...changes.R2,
    },
    R3: {
      localIdentity: identityOf('R3'),
      remoteIdentity: identityOf('R2'),
      preSharedKey: 'ask',
      ...keys(privateKeyOf('R3', RSA), hybrid ? 'ask' : publicKeyOf('R2', RSA)),
      ...changes.R3,
    },
  });
}

describe.each(ROADS)('$authentication in $mode mode', (way) => {
  it('lets a user in who has the password, once the gateway has proved itself', () => {
    const up = road(way).up();
    expect(up.R3.of('ike-established')[0]?.ikeSa).toMatchObject({ user: 'alice', state: 'ready' });
    expect(up.R2.of('ike-established')[0]?.ikeSa.proposal?.authentication).toBe(way.authentication);
    expect(up.R2.of('configured')).toHaveLength(1);
    expect(up.asked.map(({ question }) => question.kind)).not.toContain('verify-chain');
  });

  it('asks for the signature, and whose the certificates are, of those alone who sign', () => {
    const asking: PeerChanges = { credentials: { privateKey: 'ask', remoteKey: 'ask' } };
    const asked = road(way, { R2: asking, R3: asking });
    asked.answering = (question, side) =>
      question.kind === 'sign' || question.kind === 'verify-chain' ? answerTo(side, question) : undefined;
    asked.up();
    const of = (kind: string) => asked.asked.filter(({ question }) => question.kind === kind).map(({ side }) => side);
    const isHybrid = way.authentication.startsWith('hybrid');
    expect(of('sign').sort()).toEqual(isHybrid ? ['R3'] : ['R2', 'R3']);
    expect(of('verify-chain').sort()).toEqual(isHybrid ? ['R2'] : ['R2', 'R3']);
  });

  it('lets nobody in with a wrong password, nor to a gateway with another key', () => {
    const wrong = road(way, {}, { user: { password: fromAscii('nonsense') } });
    wrong.initiate().run(seconds(60));
    expect(wrong.R3.of('ike-established')).toEqual([]);
    expect(wrong.R3.endpoint.children()).toEqual([]);

    const impostor = road(way, {
      R3: {
        credentials: {
          privateKey: privateKeyOf('R2', RSA),
          remoteKey: way.authentication.startsWith('hybrid') ? 'ask' : publicKeyOf('R2', RSA),
        },
      },
    });
    impostor.initiate().run(seconds(60));
    expect(impostor.R2.of('ike-established')).toEqual([]);
    expect(impostor.R2.of('ike-failed')[0]).toMatchObject({ reason: 'authentication-failed' });
    expect(impostor.asked).toEqual([]);
  });
});
