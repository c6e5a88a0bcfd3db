import { type DhGroupNumber, desKeyFrom } from '@espalier/crypto';
import { type Phase1Secrets, phase1Key, phase1Secrets, skeyidOfPreSharedKey, skeyidOfSignature } from '@espalier/ike';
import type { IkeSaKeys, KeyRing } from '../../../keys/key-ring.ts';
import type { Agreement, Protection } from './agreement.ts';
import { DhPrivates } from './dh-privates.ts';
import { type Learnt, publicValues } from './learnt.ts';

/** Keys of an IKE SA that are given, or follow from what is. */
export interface Secrets {
  readonly origin: 'encryption' | 'skeyid' | 'derived';
  readonly encryption: Uint8Array | undefined;
  readonly skeyid: Uint8Array | undefined;
  readonly d: Uint8Array | undefined;
  readonly a: Uint8Array | undefined;
}

/** How many of pre-shared keys, and of keys that are given for one cookie, are tried. */
const TRIED_MOST = 32;

/** What keys are found with. */
export class KeySource {
  readonly preSharedKeys: readonly Uint8Array[];
  readonly privates: DhPrivates;
  readonly #given = new Map<string, IkeSaKeys[]>();

  constructor({ ike, preSharedKeys, dhPrivateValues }: KeyRing) {
    this.preSharedKeys = preSharedKeys.slice(0, TRIED_MOST);
    this.privates = new DhPrivates(dhPrivateValues);
    for (const keys of ike) {
      const alike = this.#given.get(keys.initiatorCookie);
      if (alike === undefined) this.#given.set(keys.initiatorCookie, [keys]);
      else if (alike.length < TRIED_MOST) alike.push(keys);
    }
  }

  /** What is given for an IKE SA. */
  givenFor(initiatorCookie: string): readonly IkeSaKeys[] {
    return this.#given.get(initiatorCookie) ?? [];
  }
}

/** All that may be the keys, of what is given and what was learnt in clear: the likeliest first. */
export function possibleSecrets(
  given: readonly IkeSaKeys[],
  source: KeySource,
  learnt: Learnt,
  cookies: readonly [Uint8Array, Uint8Array],
): readonly Secrets[] {
  const { agreement } = learnt;
  const fromFile = given.flatMap((keys) => completed(keys, agreement, cookies, learnt, source) ?? []);
  if (fromFile.length > 0 || agreement?.protection === undefined) return fromFile;
  return derived(source, learnt, agreement, agreement.protection, cookies);
}

/** SKEYID_d, SKEYID_a and SKEYID_e follow from SKEYID and g^xy; the key of the cipher from SKEYID_e. */
function completed(
  keys: IkeSaKeys,
  agreement: Agreement | undefined,
  cookies: readonly [Uint8Array, Uint8Array],
  learnt: Learnt,
  source: KeySource,
): Secrets | undefined {
  const protection = agreement?.protection;
  const gxy =
    keys.sharedSecret ?? (agreement === undefined ? undefined : sharedSecret(source, learnt, agreement.group));
  const own: Partial<Phase1Secrets> =
    protection === undefined || keys.skeyid === undefined || gxy === undefined
      ? {}
      : phase1Secrets(protection.hash, keys.skeyid, gxy, cookies[0], cookies[1]);
  const e = keys.skeyidE ?? own.e;
  const encryption =
    keys.encryption ??
    (e === undefined || protection === undefined ? undefined : cipherKey(protection, e, agreement?.keyOctets ?? 0));
  const [d, a] = [keys.skeyidD ?? own.d, keys.skeyidA ?? own.a];
  if (encryption === undefined && d === undefined && keys.skeyid === undefined) return undefined;
  const isMore = keys.skeyid !== undefined || d !== undefined || a !== undefined;
  return { origin: isMore ? 'skeyid' : 'encryption', encryption, skeyid: keys.skeyid, d, a };
}

/** From pre-shared keys, or signatures, and a private value of Diffie-Hellman. */
function derived(
  source: KeySource,
  learnt: Learnt,
  agreement: Agreement,
  protection: Protection,
  [cookieI, cookieR]: readonly [Uint8Array, Uint8Array],
): readonly Secrets[] {
  const { initiator: ni, responder: nr } = learnt.nonce;
  if (ni === undefined || nr === undefined) return [];
  const gxy = sharedSecret(source, learnt, agreement.group);
  const skeyids = agreement.isPreShared
    ? source.preSharedKeys.map((key) => skeyidOfPreSharedKey(protection.hash, key, ni, nr))
    : agreement.isSigned && gxy !== undefined
      ? [skeyidOfSignature(protection.hash, ni, nr, gxy)]
      : [];
  return skeyids.map((skeyid) => {
    const none = { origin: 'derived', encryption: undefined, skeyid, d: undefined, a: undefined } as const;
    if (gxy === undefined) return none;
    const { d, a, e } = phase1Secrets(protection.hash, skeyid, gxy, cookieI, cookieR);
    return { ...none, encryption: cipherKey(protection, e, agreement.keyOctets), d, a };
  });
}

function cipherKey({ cipher, hash }: Protection, e: Uint8Array, keyOctets: number): Uint8Array | undefined {
  if (cipher === 'des-cbc') return desKeyFrom(e);
  return keyOctets >= 8 && keyOctets <= 64 ? phase1Key(hash, e, keyOctets) : undefined;
}

/** g^xy by a private value of the ring, of whichever side. */
function sharedSecret(
  { privates }: KeySource,
  learnt: Learnt,
  group: DhGroupNumber | undefined,
): Uint8Array | undefined {
  const [values] = publicValues(learnt);
  return values === undefined || group === undefined ? undefined : privates.agreed(group, values);
}
