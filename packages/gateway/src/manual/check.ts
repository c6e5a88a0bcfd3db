import {
  type AhSuite,
  ahSuite,
  type Engine,
  type EspSuite,
  espSuite,
  isWeakDesKey,
  octetsView,
} from '@espalier/crypto';
import type { IkeEndpointConfig } from '@espalier/ike';
import { requireMembers } from '@espalier/wire';
import {
  requireAddress,
  requireArray,
  requireBoolean,
  requireInteger,
  requireObject,
  requireOuterMtu,
  requireSome,
} from '../arguments.ts';
import type { ManualAh, ManualEsp, ManualProtection, ManualSa, ManualSnapshot } from '../config.ts';
import { isCounted } from '../sas/agreement.ts';
import { endsOf } from './ends.ts';
import type { ManualPolicy } from './policy.ts';

/** The SPIs below are reserved (RFC 4303 §2.1). */
const LEAST_SPI = 256;

/** What decides whether SAs can be given by hand, beside what they are. */
export interface ManualContext {
  readonly engine: Pick<Engine, 'supports'>;
  readonly outside: 'ip' | 'udp';
  readonly allowLegacy: NonNullable<IkeEndpointConfig['allowLegacy']>;
}

/**
 * Refuses SAs given by hand that cannot work, or would not protect.
 * @throws TypeError or RangeError that names the argument, and never holds a key.
 */
export function checkManual(action: ManualProtection, context: ManualContext, at: string): void {
  const { inbound, outbound, mtu, outsideMtu, freshKeys, keepAhead, resume, unauthenticated } = action;
  if (context.outside === 'udp') {
    throw new RangeError(`${at}: SAs given by hand do not go in UDP, which is all that this gateway sends`);
  }
  const family = checkEnds(action, at);
  if (freshKeys !== undefined) requireBoolean(freshKeys, `${at}.freshKeys`);
  if (keepAhead !== undefined) requireBoolean(keepAhead, `${at}.keepAhead`);
  if (resume !== undefined) requireResumed(resume, action, `${at}.resume`);
  if (unauthenticated !== undefined) requireBoolean(unauthenticated, `${at}.unauthenticated`);
  if (mtu !== undefined) requireInteger(mtu, 256, 9192, `${at}.mtu`);
  if (outsideMtu !== undefined) requireOuterMtu(outsideMtu, family, `${at}.outsideMtu`);
  checkSa(inbound, action, context, `${at}.inbound`);
  checkSa(outbound, action, context, `${at}.outbound`);
}

/** What tells an inbound SA given by hand: its SPI, between which addresses. */
export function inboundSaOf({ action }: ManualPolicy): string {
  const { locals, remote } = endsOf(action);
  const { protocol, spi } = outermost(action.inbound);
  return `${remote === undefined ? 'any' : `${locals[0]} ${remote}`} ${protocol} ${spi}`;
}

/** What is outside where there are both. */
function outermost({ esp, ah }: ManualSa): { readonly protocol: 'esp' | 'ah'; readonly spi: number } {
  return ah === undefined ? { protocol: 'esp', spi: esp?.spi ?? 0 } : { protocol: 'ah', spi: ah.spi };
}

/**
 * Refuses an inbound SA that a packet could not be told to be of, for another policy has one with its SPI and addresses.
 * @param taken By `inboundSaOf`: names of the policies that are there.
 * @throws RangeError that names the argument.
 */
export function requireOwnSpi(policy: ManualPolicy, taken: ReadonlyMap<string, string>, at: string): void {
  const other = taken.get(inboundSaOf(policy));
  if (other === undefined || other === policy.name) return;
  const { protocol, spi } = outermost(policy.action.inbound);
  throw new RangeError(`${at}.action.inbound.${protocol}.spi: ${spi} is that of ${other}, between the same addresses`);
}

/** Octets of the addresses. */
function checkEnds({ local, remote, mode }: ManualProtection, at: string): number {
  const isGroup = remote === 'any';
  if (isGroup && mode !== 'transport') throw new RangeError(`${at}.remote: can be any in transport mode only`);
  if (!isGroup && typeof local !== 'string')
    throw new TypeError(`${at}.local: must be a string, for remote is no group`);
  const locals = typeof local === 'string' ? [local] : local;
  requireArray(locals, `${at}.local`);
  requireSome(locals, `${at}.local`);
  const [family = 0, ...others] = locals.map((address) => requireAddress(address, `${at}.local`));
  const remotes = isGroup ? [] : [requireAddress(remote, `${at}.remote`)];
  if ([...others, ...remotes].some((octets) => octets !== family)) {
    throw new RangeError(`${at}: local and remote must be of one family`);
  }
  return family;
}

function checkSa(sa: ManualSa, action: ManualProtection, context: ManualContext, at: string): void {
  requireObject(sa, at);
  const { esp, ah } = sa;
  if (esp === undefined && ah === undefined) throw new TypeError(`${at}: must have esp, ah or both`);
  if (esp !== undefined) checkEsp(esp, action, context, `${at}.esp`);
  if (ah !== undefined) checkAh(ah, action, context, `${at}.ah`);
  const isAuthenticated = ah !== undefined || esp === undefined || !espSuite(esp.suite).unauthenticated;
  if (!isAuthenticated && action.unauthenticated !== true) {
    throw new RangeError(`${at}.esp.suite: encrypts and authenticates nothing: needs ah around it, or unauthenticated`);
  }
}

/** Of each outbound SA, which is told apart when it is built. */
function requireResumed(resume: ManualSnapshot, { outbound, keepAhead }: ManualProtection, at: string): void {
  requireObject(resume, at);
  requireMembers(at, resume, { esp: true, ah: true });
  if (keepAhead === false) throw new RangeError(`${at}: implies keepAhead`);
  for (const protocol of ['esp', 'ah'] as const) {
    const isThere = outbound?.[protocol] !== undefined;
    if ((resume[protocol] !== undefined) === isThere) continue;
    throw new RangeError(`${at}.${protocol}: must be there as there is outbound.${protocol}`);
  }
}

function checkAh(ah: ManualAh, action: ManualProtection, context: ManualContext, at: string): void {
  requireObject(ah, at);
  requireInteger(ah.spi, LEAST_SPI, 0xffff_ffff, `${at}.spi`);
  const suite = requireKnown(ah.suite, ahSuite, `${at}.suite`);
  requireFresh(suite, action, `${at}.suite`);
  requireMd5Allowed(suite.name, context.allowLegacy, `${at}.suite`);
  requireKey(ah.key, suite.integrityKeyOctets, `${at}.key`);
}

function checkEsp(esp: ManualEsp, action: ManualProtection, context: ManualContext, at: string): void {
  requireObject(esp, at);
  const { spi, suite: named, keys } = esp;
  requireInteger(spi, LEAST_SPI, 0xffff_ffff, `${at}.spi`);
  const suite = requireKnown(named, espSuite, `${at}.suite`);
  if (!context.engine.supports(suite)) throw new TypeError(`${at}.suite: the engine does not support ${suite.name}`);
  requireFresh(suite, action, `${at}.suite`);
  requireAllowed(suite, context.allowLegacy, `${at}.suite`);
  requireObject(keys, `${at}.keys`);
  requireKey(keys.encryption, suite.encryptionKeyOctets, `${at}.keys.encryption`);
  requireKey(keys.salt, suite.saltOctets, `${at}.keys.salt`);
  requireKey(keys.integrity, suite.integrityKeyOctets, `${at}.keys.integrity`);
  if (suite.encryption === 'des-cbc' && isWeakDesKey(keys.encryption)) {
    throw new RangeError(`${at}.keys.encryption: is a weak key of DES`);
  }
}

/** Where IVs are made of numbers, which begin anew with an SA, its key is to be new as well, or the numbers go on. */
function requireFresh(suite: EspSuite | AhSuite, { freshKeys = false, resume }: ManualProtection, at: string): void {
  if (freshKeys || resume !== undefined || !isCounted(suite)) return;
  throw new RangeError(
    `${at}: ${suite.name} needs keys that no SA has had before, or freshKeys or resume (RFC 8221 §3)`,
  );
}

function requireKnown<Suite>(suite: Suite, find: (suite: Suite) => Suite, at: string): Suite {
  requireObject(suite, at);
  try {
    return find(suite);
  } catch {
    throw new RangeError(`${at}: is not known`);
  }
}

function requireAllowed(suite: EspSuite, allowed: ManualContext['allowLegacy'], at: string): void {
  if (suite.encryption === 'des-cbc' && !allowed.includes('des')) {
    throw new RangeError(`${at}: DES is refused unless allowLegacy has 'des' (RFC 8221)`);
  }
  requireMd5Allowed(suite.integrity, allowed, at);
}

function requireMd5Allowed(integrity: string, allowed: ManualContext['allowLegacy'], at: string): void {
  if (integrity === 'hmac-md5-96' && !allowed.includes('md5')) {
    throw new RangeError(`${at}: MD5 is refused unless allowLegacy has 'md5' (RFC 8221)`);
  }
}

function requireKey(key: Uint8Array, octets: number, at: string): void {
  if (octetsView(at, key).length !== octets) throw new RangeError(`${at}: must have ${octets} octets`);
}
