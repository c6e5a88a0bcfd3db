import { FILE_OCTETS_MOST } from '../limits.ts';

/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** What stands between BEGIN and the dashes: `CERTIFICATE`, `PRIVATE KEY`. */
  readonly label: string;
  readonly octets: Uint8Array;
  /** Headers before the text, as `Proc-Type: 4,ENCRYPTED` (RFC 1421 §4.6), which OpenSSL once wrote. */
  readonly headers: readonly string[];
}

const BLOCK = /-----BEGIN ([A-Z0-9 .]+)-----([\s\S]*?)-----END \1-----/g;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The blocks of a text in order; text around them is passed over. Undefined where one of them is no base64. */
export function readPem(text: string): readonly PemBlock[] | undefined {
  if (text.length > FILE_OCTETS_MOST) return undefined;
  const blocks: PemBlock[] = [];
  for (const [, label = '', body = ''] of text.matchAll(BLOCK)) {
    const lines = body.split(/\r?\n/);
    const headers = lines.filter((line) => line.includes(':'));
    const octets = decodeBase64(lines.filter((line) => !line.includes(':')).join(''));
    if (octets === undefined) return undefined;
    blocks.push({ label, octets, headers });
  }
  return blocks;
}

/** In lines of 64 characters (RFC 7468 §2). */
export function writePem(label: string, octets: Uint8Array): string {
  const lines = encodeBase64(octets).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The octets of a text in base64 (RFC 4648 §4); undefined where it is none. */
function decodeBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s+/g, '').replace(/={0,2}$/, '');
  if (digits.length % 4 === 1) return undefined;
  const octets = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let [bits, held, at] = [0, 0, 0];
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value === -1) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    octets[at++] = bits >> held;
  }
  return octets;
}

function encodeBase64(octets: Uint8Array): string {
  let text = '';
  for (let i = 0; i < octets.length; i += 3) {
    const [a = 0, b = 0, c = 0] = octets.subarray(i, i + 3);
    const bits = (a << 16) | (b << 8) | c;
    const digits = [18, 12, 6, 0].map((shift) => ALPHABET[(bits >> shift) & 63] ?? '');
    text += digits
      .slice(0, Math.min(4, octets.length - i + 1))
      .join('')
      .padEnd(4, '=');
  }
  return text;
}
