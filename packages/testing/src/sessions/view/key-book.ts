import { copyOctets } from '@espalier/crypto';
import type { KeyLogEntry } from '@espalier/ike';

/** The keys of one IKE SA. */
export type IkeSaKeys = Extract<KeyLogEntry, { readonly kind: 'ike' }>;
/** The keys of one direction of a child. */
export type ChildSaKeys = Exclude<KeyLogEntry, IkeSaKeys>;

/** What the key log of one end has told, copied: keys of sessions that protect nothing. */
export class KeyBook {
  readonly children: ChildSaKeys[] = [];
  readonly #ikeSas = new Map<string, IkeSaKeys[]>();

  /** Of each IKE SA those that were told last. */
  get ikeSas(): readonly IkeSaKeys[] {
    return [...this.#ikeSas.values()].flatMap((keys) => keys.slice(-1));
  }

  /** To be given to an endpoint as its `keyLog`. */
  readonly note = (entry: KeyLogEntry): void => {
    if (entry.kind !== 'ike') {
      this.children.push(copyOfChild(entry));
      return;
    }
    const cookies = entry.initiatorCookie + entry.responderCookie;
    this.#ikeSas.set(cookies, [...this.all(cookies), copyOfIke(entry)]);
  };

  /** @param cookies Both, in hexadecimal. */
  of(cookies: string): IkeSaKeys | undefined {
    return this.all(cookies).at(-1);
  }

  /** Of every reading: where more than one message may have been the right one, an end has keys for each. */
  all(cookies: string): readonly IkeSaKeys[] {
    return this.#ikeSas.get(cookies) ?? [];
  }
}

function copyOfIke(entry: IkeSaKeys): IkeSaKeys {
  const { encryption, skeyid, skeyidD, skeyidA } = entry;
  return {
    ...entry,
    encryption: copyOctets('encryption', encryption),
    skeyid: copyOctets('skeyid', skeyid),
    skeyidD: copyOctets('skeyidD', skeyidD),
    skeyidA: copyOctets('skeyidA', skeyidA),
  };
}

function copyOfChild(entry: ChildSaKeys): ChildSaKeys {
  if (entry.kind === 'ah') return { ...entry, key: copyOctets('key', entry.key) };
  const { encryption, integrity, salt } = entry.keys;
  const keys = {
    encryption: copyOctets('encryption', encryption),
    integrity: copyOctets('integrity', integrity),
    salt: copyOctets('salt', salt),
  };
  return { ...entry, keys };
}
