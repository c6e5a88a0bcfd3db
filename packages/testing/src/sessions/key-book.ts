import { copyOctets } from '@espalier/crypto';
import type { KeyLogEntry } from '@espalier/ike';

/** The keys of one IKE SA. */
export type IkeSaKeys = Extract<KeyLogEntry, { readonly kind: 'ike' }>;
/** The keys of one direction of a child. */
export type ChildSaKeys = Exclude<KeyLogEntry, IkeSaKeys>;

/** What the key log of one end has told, copied: keys of sessions that protect nothing. */
export class KeyBook {
  readonly children: ChildSaKeys[] = [];
  readonly #ikeSas = new Map<string, IkeSaKeys>();

  get ikeSas(): readonly IkeSaKeys[] {
    return [...this.#ikeSas.values()];
  }

  /** To be given to an endpoint as its `keyLog`. */
  readonly note = (entry: KeyLogEntry): void => {
    if (entry.kind === 'ike') this.#ikeSas.set(entry.initiatorCookie + entry.responderCookie, copyOfIke(entry));
    else this.children.push(copyOfChild(entry));
  };

  /** @param cookies Both, in hexadecimal. */
  of(cookies: string): IkeSaKeys | undefined {
    return this.#ikeSas.get(cookies);
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
