import {
  type Certificate,
  certifies,
  distinguishedNameId,
  expectedIdentity,
  type IdentityKind,
  identityOf,
  isExpected,
  nameFromText,
} from '@espalier/pki';
import { fqdnId, ID_TYPE, type Identification, ipv4AddressId, ipv6AddressId, keyId, userFqdnId } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { BY_ROOT, issue } from '../support/authorities.ts';

const SKI = Uint8Array.of(1, 2, 3, 4);
const certificate = issue(BY_ROOT, {
  subject: 'C=US, O=Example Inc, OU=VPN, CN=Router 2',
  extensions: {
    subjectKeyId: SKI,
    subjectAltNames: [
      { email: 'Admin@Example.com' },
      { dns: 'router2.example.com' },
      { dns: 'vpn.example.com' },
      { address: '10.1.15.1' },
      { address: '2001:db8::2' },
      { directory: 'CN=other' },
    ],
  },
});
const bare: Certificate = issue(BY_ROOT, { subject: 'CN=router9.example.com', extensions: { ca: false } });

const name = (text: string): Identification => distinguishedNameId(nameFromText(text));
const generalName = (data: readonly number[]): Identification => ({
  idType: ID_TYPE.derAsn1Gn,
  protocol: 0,
  port: 0,
  data: Uint8Array.from(data),
});

describe('a certificate is for', () => {
  it.each<[string, Identification, boolean]>([
    ['its host name', fqdnId('router2.example.com'), true],
    ['its host name in other case', fqdnId('ROUTER2.Example.COM'), true],
    ['its host name with the dot of the root', fqdnId('router2.example.com.'), true],
    ['its second host name', fqdnId('vpn.example.com'), true],
    ['another host name', fqdnId('router3.example.com'), false],
    ['a part of its host name', fqdnId('example.com'), false],
    ['its common name', fqdnId('Router 2'), false],
    ['its e-mail address', userFqdnId('admin@example.com'), true],
    ['another e-mail address', userFqdnId('root@example.com'), false],
    ['a host name as e-mail address', userFqdnId('router2.example.com'), false],
    ['its address', ipv4AddressId('10.1.15.1'), true],
    ['another address', ipv4AddressId('10.1.15.2'), false],
    ['its IPv6 address', ipv6AddressId('2001:db8::2'), true],
    ['its subject', name('C=US, O=Example Inc, OU=VPN, CN=Router 2'), true],
    ['its subject in other case and spaces', name('C=us, O=EXAMPLE  inc, OU=vpn, CN= router 2 '), true],
    ['its subject in another order', name('CN=Router 2, OU=VPN, O=Example Inc, C=US'), false],
    ['a part of its subject', name('C=US, O=Example Inc'), false],
    ['its subject with other string types', distinguishedNameId(utf8Name()), true],
    ['what is no name', { ...name('CN=x'), data: Uint8Array.of(0x30, 5) }, false],
    ['a general name', generalName([0x82, 3, 0x61, 0x62, 0x63]), false],
    ['its general name', generalName([0x87, 4, 10, 1, 15, 1]), true],
    [
      'its directory name',
      generalName([0xa4, 17, ...nameFromText('CN=OTHER').octets].map((o, i, all) => (i === 1 ? all.length - 2 : o))),
      true,
    ],
    ['what is no general name', generalName([0xff]), false],
    ['its key', keyId(SKI), true],
    ['another key', keyId(Uint8Array.of(9)), false],
  ])('%s: %#', (_, identity, expected) => {
    expect(certifies(certificate, identity)).toBe(expected);
  });

  it('nobody by its common name, where there are no alternative names', () => {
    expect(certifies(bare, fqdnId('router9.example.com'))).toBe(false);
    expect(certifies(bare, name('CN=router9.example.com'))).toBe(true);
  });
});

describe('an identity of a certificate', () => {
  it.each<[IdentityKind, Identification]>([
    ['email', userFqdnId('Admin@Example.com')],
    ['dns', fqdnId('router2.example.com')],
    ['address', ipv4AddressId('10.1.15.1')],
    ['name', name('C=US, O=Example Inc, OU=VPN, CN=Router 2')],
  ])('is the first of its kind: %s', (kind, expected) => {
    expect(identityOf(certificate, kind)).toEqual(expected);
    expect(identityOf(bare, kind) === undefined).toBe(kind !== 'name');
  });
});

describe('an expected identity', () => {
  const subject = name('C=US, O=Example Inc, OU=VPN, CN=Router 2');
  it.each<[string, Identification, boolean]>([
    ['router2.example.com', fqdnId('Router2.example.com'), true],
    ['@router2.example.com', fqdnId('router2.example.com'), true],
    ['admin@example.com', userFqdnId('ADMIN@example.com'), true],
    ['10.1.15.1', ipv4AddressId('10.1.15.1'), true],
    ['10.1.15.1', ipv4AddressId('10.1.15.2'), false],
    ['2001:db8::2', ipv6AddressId('2001:db8::2'), true],
    ['router2.example.com', userFqdnId('router2.example.com'), false],
    ['C=US, O=Example Inc, OU=VPN, CN=Router 2', subject, true],
    ['/C=US/O=Example Inc/OU=VPN/CN=Router 2', subject, true],
    ['c=us,o=example inc,ou=vpn,cn=router 2', subject, true],
    ['C=US, O=Example Inc, OU=VPN, CN=*', subject, true],
    ['C=*, O=*, OU=*, CN=*', subject, true],
    ['C=US, O=Other, OU=VPN, CN=*', subject, false],
    ['C=US, O=Example Inc, CN=*', subject, false],
    ['O=Example Inc, C=US, OU=VPN, CN=*', subject, false],
  ])('%s: %#', (text, claimed, expected) => {
    expect(isExpected(claimed, certificate, expectedIdentity(text))).toBe(expected);
  });

  it.each([
    ['O=Example Inc, OU=VPN', true],
    ['OU=VPN, O=Example Inc', true],
    ['OU=*', true],
    ['OU=Sales', false],
    ['L=Here', false],
  ])('a container of %s: %s', (text, expected) => {
    expect(isExpected(subject, certificate, { match: 'container', name: nameFromText(text) })).toBe(expected);
  });

  it.each(['XY=1', 'CN=', 'CCCCCCCCC=1'])('is no name: %s', (text) => {
    expect(() => expectedIdentity(text)).toThrow(RangeError);
  });
});

function utf8Name() {
  const { octets, parts } = nameFromText('C=US, O=Example Inc, OU=VPN, CN=Router 2');
  // PrintableString and UTF8String have the same octets for this text, and tags 0x13 and 0x0c.
  return { parts, octets: octets.map((octet, i) => (octet === 0x13 && octets[i - 2] === 0x04 ? 0x0c : octet)) };
}
