import { equalOctets } from '@espalier/wire';
import type { Certificate } from '../certificate/certificate.ts';
import { PATH_MOST, PATHS_MOST, STEPS_MOST } from '../limits.ts';
import { equalNames, formatName } from '../name/distinguished-name.ts';
import { PathFault, refuse } from './path-fault.ts';

/** A path, the trust anchor first. */
export type Path = readonly Certificate[];

/**
 * The first path from a trust anchor to the end entity that `accept` takes, the likeliest first: by names, then by key
 * identifiers, then the shorter. Each certificate stands in a path once, so there are no loops; how many paths and
 * certificates are looked at is bounded.
 * @throws PathFault of the first path that was not taken, or that there is none.
 */
export function findPath(
  leaf: Certificate,
  between: readonly Certificate[],
  anchors: readonly Certificate[],
  accept: (path: Path) => void,
): Path {
  const found = { paths: 0, steps: 0, first: undefined as PathFault | undefined };

  const extend = (path: Path): Path | undefined => {
    const [top] = path;
    if (top === undefined) return undefined;
    found.steps += 1;
    if (found.steps > STEPS_MOST) refuse(leaf, 'too-complex', 'too many ways to its issuers');
    if (anchors.some((anchor) => equalOctets(anchor.octets, top.octets))) return tryPath(path);
    for (const anchor of issuersOf(top, anchors)) {
      const taken = tryPath([anchor, ...path]);
      if (taken !== undefined) return taken;
    }
    if (path.length >= PATH_MOST - 1) return undefined;
    for (const issuer of issuersOf(top, between)) {
      if (path.some((one) => isSame(one, issuer))) continue;
      const taken = extend([issuer, ...path]);
      if (taken !== undefined) return taken;
    }
    return undefined;
  };

  const tryPath = (path: Path): Path | undefined => {
    found.paths += 1;
    if (found.paths > PATHS_MOST) refuse(leaf, 'too-complex', 'too many paths to trust anchors');
    try {
      accept(path);
      return path;
    } catch (error) {
      if (!(error instanceof PathFault)) throw error;
      found.first ??= error;
      return undefined;
    }
  };

  const path = extend([leaf]);
  if (path !== undefined) return path;
  if (found.first !== undefined) throw found.first;
  return refuse(
    leaf,
    'no-trust-anchor',
    `issued by ${formatName(leaf.issuer)}, from whom no path leads to a trust anchor`,
  );
}

/** Those that may have issued a certificate, the likelier first. */
function issuersOf({ issuer, extensions }: Certificate, among: readonly Certificate[]): readonly Certificate[] {
  const { authorityKeyId } = extensions;
  const named = among.filter((one) => equalNames(one.subject, issuer));
  if (authorityKeyId === undefined) return named;
  const rank = ({ extensions: { subjectKeyId } }: Certificate): number => {
    if (subjectKeyId === undefined) return 1;
    return equalOctets(subjectKeyId, authorityKeyId) ? 0 : 2;
  };
  return named.toSorted((a, b) => rank(a) - rank(b));
}

/** One name with one key is one authority, however many certificates it has. */
function isSame(a: Certificate, b: Certificate): boolean {
  return equalNames(a.subject, b.subject) && equalOctets(a.subjectKey.octets, b.subjectKey.octets);
}
