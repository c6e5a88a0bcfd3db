import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeEngine } from '@espalier/crypto/node';
import { AddressPool, type Answer, type IkeEvent, Passwords, type PeerConfig, type Question } from '@espalier/ike';
import {
  answerWith,
  type Certificate,
  certificatesFrom,
  crlsFrom,
  Pki,
  privateKeyFrom,
  publicKeyFrom,
} from '@espalier/pki';
import { fqdnId, fromAscii } from '@espalier/wire';
import type { IkeOnlySettings } from '../gateways/ike-only.ts';
import { ikeProposal } from '../gateways/ike-suite.ts';
import { ROAD } from '../gateways/road.ts';
import { nameOf } from '../gateways/signing.ts';

/** What our IKE says of who it is and who the peer is to be, and who answers what it asks. */
export interface Authentication {
  readonly config: Pick<PeerConfig, 'proposals'> & Partial<PeerConfig>;
  answer(question: Question): Answer | undefined;
  /** Addresses that were given come back. */
  happened(event: IkeEvent): void;
}

export function authenticationOf(settings: IkeOnlySettings): Authentication {
  const { ike, preSharedKey, signs, road } = settings;
  const pool = new AddressPool({ ipv4: ROAD.pool, dns: [ROAD.dns] });
  const passwords = new Passwords([{ userName: ROAD.user, password: fromAscii(ROAD.password) }]);
  const pki = signs && signs.signing.keys !== 'raw' ? pkiOf(signs) : undefined;
  const answering = pki && answerWith(pki);
  const shown = signs === undefined ? { preSharedKey: fromAscii(preSharedKey) } : signersConfig(signs, pki);
  return {
    config: {
      ...shown,
      ...(road === undefined ? {} : roadConfig(settings, road.method)),
      proposals: [ikeProposal(ike, methodOf(settings))],
    },
    answer(question) {
      if (question.kind === 'verify-credentials') return passwords.answer(question);
      if (question.kind === 'lease') return pool.answer(question);
      return answering?.(question, Date.now());
    },
    happened: (event) => pool.handleEvent(event),
  };
}

type Signs = NonNullable<IkeOnlySettings['signs']>;

function methodOf({ signs, road }: IkeOnlySettings): PeerConfig['proposals'][number]['authentication'] {
  if (signs?.signing.hybrid) return 'hybrid-initiator-rsa-signature';
  if (road !== undefined) return `xauth-initiator-${signs === undefined ? 'pre-shared-key' : 'rsa-signature'}`;
  return signs?.signing.method ?? 'pre-shared-key';
}

function signersConfig({ signing, signers, router }: Signs, pki: Pki | undefined): Partial<PeerConfig> {
  const { folder, ends } = signers;
  const other = router === 'R2' ? 'R3' : 'R2';
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  return {
    localIdentity: fqdnId(nameOf(router)),
    remoteIdentity: fqdnId(nameOf(other)),
    ...(signing.whole ? { fragmentOctets: 'off' } : {}),
    credentials:
      pki === undefined
        ? { privateKey: privateKeyFrom(read(ends[router].key)), remoteKey: publicKeyFrom(read(ends[other].publicKey)) }
        : { privateKey: 'ask', remoteKey: 'ask', requests: pki.certificateRequests() },
  };
}

/** Of what is here it believes the root, and shows its own. */
function pkiOf({ signing, signers, router }: Signs): Pki {
  const { folder, root, crls, ends } = signers;
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const { certificate: own, key, issuers } = ends[router];
  const certificateFrom = (file: string): Certificate => {
    const [certificate] = certificatesFrom(read(file));
    if (certificate === undefined) throw new Error(`there is no certificate in ${file}`);
    return certificate;
  };
  const credential = {
    certificate: certificateFrom(own),
    key: privateKeyFrom(read(key)),
    issuers: issuers.map(certificateFrom),
  };
  return new Pki({
    trustAnchors: [certificateFrom(root)],
    crls: crls.flatMap((file) => crlsFrom(read(file))),
    credentials: signing.hybrid && router === 'R2' ? [] : [credential],
    engine: nodeEngine(),
  });
}

function roadConfig({ initiates }: IkeOnlySettings, method: 'pull' | 'push'): Partial<PeerConfig> {
  return initiates
    ? {
        xauth: { side: 'user', userName: ROAD.user, password: fromAscii(ROAD.password) },
        modeConfig: { side: 'client', method },
      }
    : { xauth: { side: 'gateway' }, modeConfig: { side: 'gateway', method } };
}
