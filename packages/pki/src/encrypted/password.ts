import { utf8Octets } from '../der/text.ts';

/** A password as each kind of encryption takes it. */
export interface Password {
  /** In UTF-8 (RFC 8018 §3). */
  readonly utf8: Uint8Array;
  /** As PKCS#12 has it (RFC 7292 Appendix B.1). */
  readonly bmp: Uint8Array;
}

/** The forms of a password, one after the other: some programs write no password as nothing at all, without the zero behind. */
export function passwordForms(password: string): readonly [Password, ...Password[]] {
  const utf8 = utf8Octets(password);
  const form = { utf8, bmp: bmpOctets(password) };
  return password === '' ? [form, { utf8, bmp: new Uint8Array(0) }] : [form];
}

export function wipePassword({ utf8, bmp }: Password): void {
  utf8.fill(0);
  bmp.fill(0);
}

/** UTF-16, the higher octet first, and a zero behind (RFC 7292 Appendix B.1). */
function bmpOctets(password: string): Uint8Array {
  const octets = new Uint8Array(2 * password.length + 2);
  for (let i = 0; i < password.length; i++) {
    const unit = password.charCodeAt(i);
    octets[2 * i] = unit >> 8;
    octets[2 * i + 1] = unit & 0xff;
  }
  return octets;
}
