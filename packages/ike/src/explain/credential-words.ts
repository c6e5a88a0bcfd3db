import type { RefusalDetail } from './detail.ts';
import type { Words } from './setting.ts';
import { identityText } from './texts.ts';

type DetailOf<Kind extends RefusalDetail['kind']> = Extract<RefusalDetail, { readonly kind: Kind }>;

/** What was wrong with what the peer proves itself with. */
export function wordsForCredentials(
  detail: DetailOf<'certificates'> | DetailOf<'public-key'> | DetailOf<'signature'>,
): Words {
  const facts = [`peer says it is: ${identityText(detail.identity)}`];
  switch (detail.kind) {
    case 'certificates':
      return wordsForCertificates(detail, facts);
    case 'public-key':
      return {
        what: 'its public key is not accepted',
        facts: [...facts, `its key ${KEY_FAULTS[detail.fault]}`],
        advice: ['At the peer: it needs another key, and a certificate for it.'],
      };
    case 'signature':
      return {
        what: 'its signature does not verify',
        facts: [...facts, SIGNED[detail.signed].fact],
        advice: [SIGNED[detail.signed].advice],
      };
  }
}

function wordsForCertificates({ count, reason, peer }: DetailOf<'certificates'>, facts: readonly string[]): Words {
  const sent =
    count === 0 ? 'it sent no certificate' : `it sent ${count === 1 ? 'a certificate' : `${count} certificates`}`;
  return {
    what: count === 0 ? 'it sent no certificate' : 'its certificates are not accepted',
    facts: [...facts, `${sent}; here: ${reason}`],
    advice:
      count === 0
        ? [
            'At the peer: set it to send its certificate (strongSwan: send_cert = always), or give its key to this side.',
          ]
        : [`At the peer: it needs another certificate. Or here: change what ${peer} is trusted by.`],
  };
}

const KEY_FAULTS: Readonly<Record<DetailOf<'public-key'>['fault'], string>> = {
  'modulus-short': 'is RSA of too few bits: 2048 are needed, or 1024 with allowLegacy rsa1024',
  'modulus-long': 'is RSA of more than 8192 bits',
  'modulus-even': 'is no key of RSA: its modulus is even',
  exponent: 'is RSA with an exponent that is even, below 65,537 or above 256 bits',
  point: 'is no point of its curve',
  'other-kind': 'is of another kind than the method that was agreed on',
};

interface Meaning {
  readonly fact: string;
  readonly advice: string;
}

const SIGNED: Readonly<Record<DetailOf<'signature'>['signed'], Meaning>> = {
  'another-hash': {
    fact: 'The key is the right one, and signs another hash.',
    advice:
      'On the way: the SA payload or the identity was altered; else at the peer: it hashes otherwise than RFC 2409 §5.',
  },
  'another-length': {
    fact: 'The key is the right one, and signs a hash of another length.',
    advice: 'At the peer: it signs with another hash than was agreed on.',
  },
  'with-digest-info': {
    fact: 'The key is the right one, and signs as TLS and IKEv2 do, with the name of the hash in front.',
    advice: 'At the peer: in IKEv1 the hash is signed alone (RFC 2409 §5.1).',
  },
  'by-another-key': {
    fact: 'Another key has made it than the one that this side knows.',
    advice: "Either side: most likely the peer's key was renewed, or the wrong one is configured; compare both.",
  },
  unknown: {
    fact: 'Another key has made it, or another hash is signed.',
    advice: "Either side: most likely the peer's key was renewed, or the wrong one is configured; compare both.",
  },
};
