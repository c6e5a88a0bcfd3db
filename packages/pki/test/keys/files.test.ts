import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nobleEngine, type PrivateKey } from '@espalier/crypto';
import {
  belongsTo,
  certificatesFrom,
  crlsFrom,
  formatName,
  type PemBlock,
  PkiFileError,
  privateKeyFrom,
  publicKeyFrom,
  type Reading,
  readPem,
  readPrivateKey,
  writePem,
  writePkcs7,
} from '@espalier/pki';
import { encryptedPrivateKeyFrom, pkcs12CertificatesFrom, pkcs12From } from '@espalier/pki/encrypted';
import { issueCrl } from '@espalier/pki/issue';
import { fromAscii } from '@espalier/wire';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../../test/support/decoders.ts';
import { AT, BY_ROOT, ISSUING, issue, KEYS, ROOT } from '../support/authorities.ts';

const PAIRS: readonly [string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }][] = [
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
];
const PASSWORD = 'pässword';

describe.each(PAIRS)('a key pair of %s', (name, { privateKey, publicKey }) => {
  const forms = name === 'RSA' ? (['pkcs8', 'pkcs1'] as const) : (['pkcs8', 'sec1'] as const);
  const known = publicKeyFrom(publicKey.export({ type: 'spki', format: 'pem' }) as string);

  it.each(forms.flatMap((type) => [[type, 'pem'] as const, [type, 'der'] as const]))(
    'is read from %s in %s',
    (type, format) => {
      const file = format === 'pem' ? privateKey.export({ type, format }) : privateKey.export({ type, format });
      const key = privateKeyFrom(typeof file === 'string' ? file : new Uint8Array(file));
      const hash = new Uint8Array(name === 'P-384' ? 48 : name === 'P-521' ? 64 : 32).fill(7);
      const signature = nobleEngine().signatures.sign(key, hash);
      expect(signature && nobleEngine().signatures.verify(known, hash, signature)).toBe(true);
    },
  );

  it('is read from encrypted PKCS#8, with its password only', async () => {
    const file = privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: PASSWORD,
    }) as string;
    const plain = privateKeyFrom(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    expect(await encryptedPrivateKeyFrom(file, PASSWORD)).toEqual(plain);
    await expect(encryptedPrivateKeyFrom(file, 'other')).rejects.toThrow(PkiFileError);
    expect(() => privateKeyFrom(file)).toThrow('@espalier/pki/encrypted');
  });
});

describe('a file', () => {
  it('of certificates in PEM is read whole, in order, and so is PKCS#7', () => {
    const all = [issue(BY_ROOT), ISSUING, ROOT];
    const pem = all.map(({ octets }) => writePem('CERTIFICATE', octets)).join('# between\n');
    expect(certificatesFrom(pem)).toEqual(all);
    expect(certificatesFrom(writePem('PKCS7', writePkcs7(all)))).toEqual(all);
    expect(certificatesFrom(ROOT.octets)).toEqual([ROOT]);
    expect(publicKeyFrom(ROOT.octets)).toEqual(ROOT.subjectKey.key);
  });

  it('of a CRL', () => {
    const crl = issueCrl(BY_ROOT, { thisUpdate: AT, revoked: [{ serial: '0a', at: AT }] });
    expect(crlsFrom(writePem('X509 CRL', crl.octets))).toEqual([crl]);
    expect(crlsFrom(crl.octets)[0]?.revoked.get('0a')).toBe(AT);
  });

  it.each([
    ['no key', () => privateKeyFrom('nothing')],
    ['no DER', () => privateKeyFrom(writePem('PRIVATE KEY', Uint8Array.of(1)))],
    ['no base64', () => certificatesFrom('-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----')],
    ['no certificate', () => certificatesFrom(Uint8Array.of(0x30, 0))],
    [
      'a public key of Ed25519',
      () => publicKeyFrom(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string),
    ],
    [
      'a private key of Ed25519',
      () =>
        privateKeyFrom(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
    ],
    [
      'a key that OpenSSL once encrypted',
      () =>
        privateKeyFrom(
          '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----',
        ),
    ],
  ])('with %s is told', (_, read) => {
    expect(read).toThrow(PkiFileError);
  });

  it('in PEM is written and read again, octet for octet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        expect(readPem(writePem('CERTIFICATE', octets))).toEqual([{ label: 'CERTIFICATE', octets, headers: [] }]);
      }),
    );
  });
});

describeDecoder<readonly PemBlock[] | undefined>({
  name: 'PEM',
  valid: fc.uint8Array({ maxLength: 200 }).map((octets) => fromAscii(writePem('CERTIFICATE', octets))),
  decode: (octets) => readPem(Buffer.from(octets).toString('latin1')),
  errors: [],
  isRefusal: (blocks) => blocks === undefined,
  // What is around the blocks is anything; where nothing else is, there are none.
  prefixes: 'may-be-whole',
});

describeDecoder<Reading<PrivateKey>>({
  name: 'a private key in PKCS#8',
  valid: fc.constantFrom(
    ...PAIRS.map(([, { privateKey }]) => new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))),
  ),
  decode: readPrivateKey,
  errors: [],
  isRefusal: ({ ok }) => !ok,
  runs: 60,
});

describe('a private key', () => {
  it('is told to be that of a certificate', () => {
    expect(belongsTo(KEYS.root, ROOT)).toBe(true);
    expect(belongsTo(KEYS.issuing, ROOT)).toBe(false);
    expect(belongsTo(KEYS.rsa, ROOT)).toBe(false);
  });
});

describe('PKCS#12 of long ago', () => {
  const file = new Uint8Array(
    readFileSync(new URL('../../../../test/vectors/nist-pkits/ValidCertificatePathTest1EE.p12', import.meta.url)),
  );

  it('is read where it is encrypted by 3DES', async () => {
    const { key, certificates } = await pkcs12From(file, 'password');
    const [certificate] = certificates;
    if (certificate === undefined) throw new Error('no certificate');
    expect(formatName(certificate.subject)).toBe('C=US, O=Test Certificates 2011, CN=Valid EE Certificate Test1');
    expect(belongsTo(key, certificate)).toBe(true);
  });

  it('is not read with another password, or damaged', async () => {
    await expect(pkcs12From(file, 'passwort')).rejects.toThrow(PkiFileError);
    for (let at = 0; at < file.length; at += 97) {
      const damaged = file.map((octet, i) => (i === at ? octet ^ 0x55 : octet));
      await pkcs12From(damaged, 'password').catch((error: unknown) => expect(error).toBeInstanceOf(PkiFileError));
    }
  });
});

const openssl = ['/usr/bin/openssl', '/usr/local/bin/openssl'].find((path) => existsSync(path));

describe.skipIf(openssl === undefined)('PKCS#12 of OpenSSL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pki-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string) => join(folder, name);
  const run = (...words: readonly string[]) => execFileSync(openssl ?? '', words, { cwd: folder, stdio: 'pipe' });

  it('is read with its password only, its owner first', async () => {
    run(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=ca',
      '-days',
      '9',
    );
    run('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'r.key', '-out', 'r.csr', '-subj', '/CN=router');
    run(
      'x509',
      '-req',
      '-in',
      'r.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'r.pem',
      '-days',
      '9',
    );
    run(
      'pkcs12',
      '-export',
      '-in',
      'r.pem',
      '-inkey',
      'r.key',
      '-certfile',
      'ca.pem',
      '-out',
      'r.p12',
      '-passout',
      'pass:secret',
    );
    const octets = new Uint8Array(readFileSync(file('r.p12')));
    const { key, certificates } = await pkcs12From(octets, 'secret');
    expect(key).toEqual(privateKeyFrom(readFileSync(file('r.key'), 'utf8')));
    expect(certificates).toEqual(
      ['r.pem', 'ca.pem'].flatMap((name) => certificatesFrom(readFileSync(file(name), 'utf8'))),
    );
    await expect(pkcs12From(octets, 'other')).rejects.toThrow(PkiFileError);
    await expect(pkcs12From(octets.subarray(0, 900), 'secret')).rejects.toThrow(PkiFileError);
    await expect(pkcs12From(Uint8Array.of(1, 2), 'secret')).rejects.toThrow(PkiFileError);
    run(
      ...['pkcs12', '-export', '-legacy', '-in', 'r.pem', '-inkey', 'r.key', '-certfile', 'ca.pem'],
      ...['-out', 'old.p12', '-passout', 'pass:secret'],
    );
    // Certificates by RC2 with 40 bits, the key by 3DES.
    expect(await pkcs12From(new Uint8Array(readFileSync(file('old.p12'))), 'secret')).toEqual({ key, certificates });
    expect(await pkcs12CertificatesFrom(octets, 'secret')).toEqual(certificates);
  });

  it.each([[[]], [['-legacy']], [['-certpbe', 'NONE', '-nomac']]])(
    'that holds certificates alone is read for these, and is no file of an owner: %j (regression: not readable)',
    async (words) => {
      run(...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 't.key', '-out', 't.pem', '-subj', '/CN=t']);
      run(...['pkcs12', '-export', '-nokeys', ...words, '-in', 't.pem', '-out', 't.p12', '-passout', 'pass:secret']);
      const octets = new Uint8Array(readFileSync(file('t.p12')));
      expect(await pkcs12CertificatesFrom(octets, 'secret')).toEqual(
        certificatesFrom(readFileSync(file('t.pem'), 'utf8')),
      );
      await expect(pkcs12From(octets, 'secret')).rejects.toThrow('there is no private key');
      for (let at = 0; at < octets.length; at += 37) {
        const damaged = octets.map((octet, i) => (i === at ? octet ^ 0x55 : octet));
        const read = await pkcs12CertificatesFrom(damaged, 'secret').catch((error: unknown) => error);
        expect(Array.isArray(read) || read instanceof PkiFileError).toBe(true);
      }
      if (words.includes('-nomac')) return;
      await expect(pkcs12CertificatesFrom(octets, 'other')).rejects.toThrow('the password is wrong');
    },
  );
});
