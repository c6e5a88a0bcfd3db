import type { PublicKey } from '@espalier/crypto';
import type { Certificate as CertificatePayload } from '@espalier/ike';
import type { Identification } from '@espalier/wire';
import type { Certificate } from './certificate/certificate.ts';
import type { ChainRefusal } from './chain/refusals.ts';

/** What is asked: whether these certificates are believed to be of this identity. */
export interface ChainQuestion {
  /** Whom the peer says it is. */
  readonly identity: Identification;
  /** As they came, of any encoding. */
  readonly certificates: readonly CertificatePayload[];
}

/** What is said: the peer's key, or which certificate is refused and why. */
export type Verdict =
  | {
      readonly ok: true;
      readonly key: PublicKey;
      /** The trust anchor first, the end entity last. */
      readonly path: readonly Certificate[];
      readonly certificate: Certificate;
    }
  | { readonly ok: false; readonly refusal: ChainRefusal };
