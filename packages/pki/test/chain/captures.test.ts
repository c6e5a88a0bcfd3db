import { belongsTo, certificatePayloads, certificatesFrom, Pki, privateKeyFrom, readCertificate } from '@espalier/pki';
import { fqdnId, ipv4AddressId } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile } from '../../../../test/shared.ts';
import { reasonOf } from '../support/authorities.ts';

describe.skipIf(!hasShared).each(['main-rsa', 'main-rsa-frag'])('the certificates of the capture %s', (capture) => {
  const file = (name: string) => sharedFile(`captures/${capture}/pki/${name}`);
  const at = Date.UTC(2026, 11, 1);

  it.each([
    ['R2', '10.1.15.1'],
    ['R3', '10.1.15.2'],
  ])('%s are those of their keys, and believed for their address and name', (name, address) => {
    const certificates = certificatesFrom(file(`${name}.pem`));
    const [certificate] = certificates;
    if (certificate === undefined) throw new Error('no certificate');
    expect(belongsTo(privateKeyFrom(file(`${name}.key`)), certificate)).toBe(true);
    const pki = new Pki({ trustAnchors: certificatesFrom(file('ca.pem')), policy: { revocation: 'if-present' } });
    const payloads = certificatePayloads(certificates);
    const verdicts = [ipv4AddressId(address), fqdnId(`${name}.example.net`), fqdnId('other.example.net')].map(
      (identity) => reasonOf(pki.verifyChain(at, { identity, certificates: payloads })),
    );
    expect(verdicts).toEqual(['ok', 'ok', 'wrong-identity']);
    expect(readCertificate(certificate.octets)).toEqual({ ok: true, value: certificate });
  });
});
