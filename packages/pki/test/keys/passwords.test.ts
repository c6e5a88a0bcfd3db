import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { belongsTo, PkiFileError, privateKeyFrom } from '@espalier/pki';
import { encryptedPrivateKeyFrom, pkcs12From } from '@espalier/pki/encrypted';
import { afterAll, describe, expect, it } from 'vitest';

const vector = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../../test/vectors/pyca/${name}`, import.meta.url)));

describe('PKCS#12 without a password', () => {
  it.each(['no-password.p12', 'name-1-no-pwd.p12'])(
    'is read where its MAC is by nothing at all: %s (regression: only by a zero)',
    async (name) => {
      const { key, certificates } = await pkcs12From(vector(name), '');
      const [own] = certificates;
      expect(own && belongsTo(key, own)).toBe(true);
      await expect(pkcs12From(vector(name), 'secret')).rejects.toThrow('the password is wrong');
    },
  );
});

describe('a private key in PEM that OpenSSL encrypted before PKCS#8', () => {
  it.each([
    ['encrypted-3des.pem', '123456'],
    ['encrypted-aes128.pem', 'password'],
  ])(
    'is read with its password only: %s (regression: it was said to be encrypted, and then not to be)',
    async (name, password) => {
      expect((await encryptedPrivateKeyFrom(vector(name), password)).kind).toBe('rsa');
      await expect(encryptedPrivateKeyFrom(vector(name), 'other')).rejects.toThrow(PkiFileError);
      expect(() => privateKeyFrom(vector(name))).toThrow('@espalier/pki/encrypted');
    },
  );

  it.each([
    ['IDEA-CBC,0011223344556677', 'encrypted with IDEA-CBC'],
    ['AES-128-CBC,00', 'damaged'],
    ['AES-128-CBC', 'encrypted with what it does not say'],
  ])('is refused with the header %s', async (header, said) => {
    const file = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: ${header}\n\nAAAA\n-----END RSA PRIVATE KEY-----`;
    await expect(encryptedPrivateKeyFrom(file, 'secret')).rejects.toThrow(said);
  });
});

describe('encrypted PKCS#8 in DER', () => {
  it('is told to be encrypted (regression: "tag 48 where 2 belongs")', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const form = { type: 'pkcs8', format: 'der' } as const;
    const file = new Uint8Array(privateKey.export({ ...form, cipher: 'aes-128-cbc', passphrase: 'secret' }));
    expect(() => privateKeyFrom(file)).toThrow('@espalier/pki/encrypted');
    const plain = privateKeyFrom(new Uint8Array(privateKey.export(form)));
    expect(await encryptedPrivateKeyFrom(file, 'secret')).toEqual(plain);
  });
});

const openssl = ['/usr/bin/openssl', '/usr/local/bin/openssl'].find((path) => existsSync(path));

describe.skipIf(openssl === undefined)('PKCS#12 of OpenSSL, by other ways', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pki-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...words: readonly string[]) => execFileSync(openssl ?? '', words, { cwd: folder, stdio: 'pipe' });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  run('req', '-x509', '-key', 'key.pem', '-out', 'own.pem', '-subj', '/CN=router', '-days', '9');

  it.each([
    ['without a MAC, which it need not have (RFC 7292 §4; regression: refused)', ['-nomac'], 'secret'],
    ['with a MAC by SHA-512', ['-macalg', 'sha512'], 'sécret €'],
    ['with nothing encrypted', ['-keypbe', 'NONE', '-certpbe', 'NONE'], ''],
    ['with no password', [], ''],
  ])('%s, is read with its password', async (_, options, password) => {
    run(
      ...['pkcs12', '-export', '-in', 'own.pem', '-inkey', 'key.pem', '-out', 'own.p12'],
      ...[...options, '-passout', `pass:${password}`],
    );
    const file = new Uint8Array(readFileSync(join(folder, 'own.p12')));
    const { key, certificates } = await pkcs12From(file, password);
    expect(key).toEqual(privateKeyFrom(readFileSync(join(folder, 'key.pem'), 'utf8')));
    expect(certificates).toHaveLength(1);
    await expect(pkcs12From(file, `${password}x`)).rejects.toThrow('the password is wrong');
  });
});
