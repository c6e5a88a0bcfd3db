import { readFileSync } from 'node:fs';
import type { Question } from '@espalier/ike';

/** An arrow of a drawn machine. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** As it is written. */
  readonly label: string;
  /** A message, or the words for what the caller does. */
  readonly on: string;
  readonly sends: string;
}

const PAGE = new URL('../../../../docs/reference/states.md', import.meta.url);

/** The arrows under a title of docs/reference/states.md. */
export function drawnMachine(title: string): readonly Arrow[] {
  const [, section] = readFileSync(PAGE, 'utf8').split(`\n## ${title}\n`);
  const [, diagram] = (section ?? '').split('```mermaid\n');
  const lines = (diagram ?? '').split('```')[0]?.split('\n') ?? [];
  return lines.flatMap((line): readonly Arrow[] => {
    const [, from, to, label] = /^ {2}(\S+) --> (\S+?)(?:: (.*))?$/.exec(line) ?? [];
    if (from === undefined || to === undefined || label === undefined) return [];
    const [on = '', sends = ''] = label.split(' / ');
    return [{ from, to, label, on, sends }];
  });
}

/** How it is said that the caller is asked, behind a message. */
const ASKED: readonly (readonly [string, readonly Question['kind'][]])[] = [
  [', and the key is to be asked for', ['shared-key']],
  [', and the signature is to be asked for', ['sign']],
  [', and whose key it is is to be asked for', ['verify-chain']],
  [', and the caller is to judge it', ['verify-credentials']],
  [', and the caller is to be asked', ['credentials', 'lease']],
];

/** What an arrow awaits: a message, in the notation of RFC 2409 §5, and what is then asked. */
export interface Awaited {
  readonly notation: string;
  readonly asks: readonly Question['kind'][];
}

/** Undefined where it awaits no message. */
export function awaitedMessage({ on }: Pick<Arrow, 'on'>): Awaited | undefined {
  if (!on.startsWith('HDR')) return undefined;
  const [words, asks = []] = ASKED.find(([words]) => on.includes(words)) ?? [];
  const notation = on
    .replace(words ?? '', '')
    .replace(', the commit bit set', '')
    .replace(', or in clear', '');
  return { notation, asks };
}

/** Of the notation, what is another name for the same payload. */
const NAMES: Readonly<Record<string, string>> = {
  SA: 'sa',
  KE: 'ke',
  Ni: 'nonce',
  Nr: 'nonce',
  CERT: 'cert',
  CERTREQ: 'certRequest',
  VID: 'vendorId',
  N: 'notification',
  'INITIAL-CONTACT': 'notification',
  'NAT-D': 'natD',
  ATTR: 'configuration',
};

function nameOf(token: string): string {
  if (/^ID[ic][ir]$/.test(token)) return 'id';
  if (token.startsWith('HASH')) return 'hash';
  if (token.startsWith('SIG')) return 'signature';
  if (token.startsWith('ATTR')) return 'configuration';
  return NAMES[token] ?? token;
}

/** May be in every message of phase 1, wherever it is written: it changes no state. */
const ANYWHERE = ['vendorId', 'natD', 'certRequest', 'notification'];

/** Whether these payloads are a message that is written so: all that must be there is, and nothing that is not written. */
export function isWritten(notation: string, payloads: readonly string[]): boolean {
  return choices(notation).some((one) => {
    const optional = new Set([...one.matchAll(/\[(.*?)\]/g)].flatMap(([, inner = '']) => tokens(inner)).map(nameOf));
    const mandatory = tokens(one.replaceAll(/\[.*?\]/g, '')).map(nameOf);
    const left = [...payloads];
    for (const name of mandatory) {
      const at = left.indexOf(name);
      if (at < 0) return false;
      left.splice(at, 1);
    }
    return left.every((name) => optional.has(name) || ANYWHERE.includes(name));
  });
}

/** Of what is one or the other, each. */
function choices(notation: string): readonly string[] {
  const [all, hash, signature] = /(HASH_[IR]) \| (\[ CERT, \] SIG_[IR])/.exec(notation) ?? [];
  if (all !== undefined && hash !== undefined && signature !== undefined)
    return [notation.replace(all, hash), notation.replace(all, signature)];
  if (notation.endsWith('SA or N')) return ['SA', 'N'].map((one) => notation.replace('SA or N', one));
  return [notation];
}

function tokens(text: string): readonly string[] {
  return text
    .replaceAll(/\(.*?\)/g, '')
    .split(/[\s,]+/)
    .filter((token) => token !== '' && token !== '...');
}
