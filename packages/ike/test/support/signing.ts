import { nobleEngine, type PrivateKey, type PublicKey } from '@espalier/crypto';
import type { Answer, Certificate, Credentials, ExchangeMode, Question, SignatureMethod } from '@espalier/ike';
import { CERT_ENCODING, fqdnId, fromAscii, type Identification } from '@espalier/wire';
import { ecdsaKey, ecdsaPublicKey, rsaKey, rsaPublicKey } from '../../../../test/support/signing-keys.ts';
import { type PeerChanges, peerConfig, type Side } from './pair.ts';

/** What a side asks its caller for. */
export interface Asks {
  readonly sign: boolean;
  readonly verify: boolean;
}

export const NOTHING_ASKED: Asks = { sign: false, verify: false };
export const ASKING: readonly Asks[] = [false, true].flatMap((sign) =>
  [false, true].map((verify) => ({ sign, verify })),
);

export const METHODS: readonly SignatureMethod[] = ['rsa-signature', 'ecdsa-256', 'ecdsa-384', 'ecdsa-521'];

const CURVES = { 'ecdsa-256': 'P-256', 'ecdsa-384': 'P-384', 'ecdsa-521': 'P-521' } as const;

/** R2 has the one key of each kind, R3 the other. */
export function privateKeyOf(side: Side, method: SignatureMethod): PrivateKey {
  const name = side === 'R2' ? 'one' : 'other';
  return method === 'rsa-signature' ? rsaKey(name) : ecdsaKey(CURVES[method], name);
}

export function publicKeyOf(side: Side, method: SignatureMethod): PublicKey {
  const name = side === 'R2' ? 'one' : 'other';
  return method === 'rsa-signature' ? rsaPublicKey(name) : ecdsaPublicKey(CURVES[method], name);
}

export function identityOf(side: Side): Identification {
  return fqdnId(`${side.toLowerCase()}.example.org`);
}

/** No certificate, but octets that stand for one. */
export function certificateOf(side: Side): Certificate {
  return { encoding: CERT_ENCODING.x509Signature, data: fromAscii(`the certificate of ${side}`) };
}

export interface Signing {
  readonly mode?: ExchangeMode;
  readonly method?: SignatureMethod;
  readonly asks?: Asks;
  readonly credentials?: Partial<Credentials>;
}

/** What one side is configured with to prove itself by signatures. */
export function signing(
  side: Side,
  { mode = 'main', method = 'rsa-signature', asks = NOTHING_ASKED, credentials = {} }: Signing = {},
): PeerChanges {
  const peer = side === 'R2' ? 'R3' : 'R2';
  const { proposals } = peerConfig(side);
  return {
    mode,
    localIdentity: identityOf(side),
    remoteIdentity: identityOf(peer),
    proposals: proposals.map((proposal) => ({ ...proposal, authentication: method })),
    credentials: {
      privateKey: asks.sign ? 'ask' : privateKeyOf(side, method),
      remoteKey: asks.verify ? 'ask' : publicKeyOf(peer, method),
      certificates: [certificateOf(side)],
      ...credentials,
    },
  };
}

/** What the caller of a side answers who has its key, and believes the certificate of the other. */
export function answerTo(side: Side, question: Question): Answer {
  const peer = side === 'R2' ? 'R3' : 'R2';
  if (question.kind === 'sign') {
    const signature = nobleEngine().signatures.sign(privateKeyOf(side, question.method), question.hash);
    return { kind: 'sign', signature, certificates: [certificateOf(side)] };
  }
  if (question.kind === 'verify-chain') return { kind: 'verify-chain', key: publicKeyOf(peer, question.method) };
  throw new Error(`nobody is to ask for ${question.kind}`);
}
