import type { ConfiguredPlace } from './detail.ts';
import type { NamedClient, NamedIdentity } from './identity.ts';
import type { Difference, TransformText } from './transforms.ts';

/** Of a list the first few. */
const LISTED = 3;

export function listText(items: readonly string[], count: number): string {
  const listed = items.slice(0, LISTED).join(' | ');
  if (count === 0) return 'nothing';
  return count > LISTED ? `${listed} | and ${count - LISTED} more` : listed;
}

export function placeText({ peer, local, remote }: ConfiguredPlace): string {
  return `${peer} at ${remote}, to ${local}`;
}

export function identityText({ type, value, protocol, port }: NamedIdentity): string {
  return protocol === 0 && port === 0 ? `${type} ${value}` : `${type} ${value} (protocol ${protocol}, port ${port})`;
}

export function selectorText(selector: NamedClient): string {
  if (selector === 'any') return 'anything';
  if (selector === 'assigned') return 'the assigned address';
  if ('within' in selector) return `something within ${selector.within.map(selectorText).join(' or ')}`;
  const { value, protocol, port } = selector;
  return protocol === 0 && port === 0 ? value : `${value} protocol ${protocol} port ${port}`;
}

/** How a transform of a phase is written. */
export function transformText(phase: 1 | 2): (transform: TransformText) => string {
  return phase === 1 ? phase1Text : phase2Text;
}

/** `aes-cbc-256, sha2-512, group 16, pre-shared-key`, and what else is odd about it. */
function phase1Text({ encryption, 'key-length': bits, hash, group, authentication, ...odd }: TransformText): string {
  return [cipherText(encryption, bits), hash, group && `group ${group}`, authentication, ...oddTexts(odd)]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** `esp aes-cbc-128, hmac-sha1, tunnel, PFS group 2` */
function phase2Text(transform: TransformText): string {
  const { protocol, encryption, 'key-length': bits, authentication, encapsulation, group, ...odd } = transform;
  const cipher = [protocol, cipherText(encryption, bits)].filter((part) => part !== undefined).join(' ');
  const pfs = group === undefined ? 'no PFS' : `PFS group ${group}`;
  return [cipher, authentication, encapsulation, pfs, ...oddTexts(odd)].filter((part) => part !== undefined).join(', ');
}

function cipherText(encryption: string | undefined, bits: string | undefined): string | undefined {
  return encryption === undefined || bits === undefined ? encryption : `${encryption}-${bits}`;
}

function oddTexts(odd: TransformText): readonly string[] {
  return Object.entries(odd).map(([attribute, value]) => `${attribute} ${value}`);
}

export function differenceText({ attribute, offered, allowed }: Difference, phase: 1 | 2): string {
  const name = attribute === 'group' ? (phase === 1 ? 'group' : 'PFS group') : attribute;
  return `${name} (peer: ${offered ?? 'none'}, here: ${allowed ?? 'none'})`;
}
