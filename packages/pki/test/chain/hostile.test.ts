import {
  certificatePayloads,
  REFUSAL_REASONS,
  type Reading,
  readCertificate,
  readCrl,
  readOcspResponse,
  readPkcs7,
  writePkcs7,
} from '@espalier/pki';
import { issueCrl, issueOcspResponse } from '@espalier/pki/issue';
import { fqdnId } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../../test/support/decoders.ts';
import {
  AT,
  BY_ISSUING,
  BY_ROOT,
  DAY,
  ISSUING,
  issue,
  issueAuthority,
  KEYS,
  NAME,
  ROOT,
  reasonOf,
  verify,
} from '../support/authorities.ts';

const leaf = issue(BY_ISSUING);
const crl = issueCrl(BY_ROOT, { thisUpdate: AT, nextUpdate: AT + DAY, revoked: [{ serial: '0102', at: AT }] });
const answer = issueOcspResponse(BY_ROOT, { certificate: ISSUING, issuer: ROOT, status: 'good', thisUpdate: AT });

const READERS = [
  ['a certificate', readCertificate, leaf.octets],
  ['a CRL', readCrl, crl.octets],
  ['an OCSP response', readOcspResponse, answer.octets],
  ['PKCS#7', readPkcs7, writePkcs7([leaf, ISSUING])],
] as const;

/** A damaged copy: an octet changed, cut out, put in twice, or the rest cut off. */
const damages = (octets: Uint8Array) =>
  fc
    .tuple(
      fc.nat(octets.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.constantFrom('change', 'cut', 'double', 'end'),
    )
    .map(([at, change, kind]) => {
      const all = [...octets];
      if (kind === 'change') all[at] = (all[at] ?? 0) ^ change;
      if (kind === 'cut') all.splice(at, 1);
      if (kind === 'double') all.splice(at, 0, all[at] ?? 0);
      if (kind === 'end') all.length = at;
      return Uint8Array.from(all);
    });

/** `depth` SEQUENCEs within each other, each with its right length. */
function nested(depth: number): Uint8Array {
  let octets: Uint8Array = Uint8Array.of(0x05, 0x00);
  for (let i = 0; i < depth; i++) {
    const { length } = octets;
    const head =
      length < 128 ? [0x30, length] : length < 256 ? [0x30, 0x81, length] : [0x30, 0x82, length >> 8, length & 0xff];
    octets = Uint8Array.from([...head, ...octets]);
  }
  return octets;
}

const BOMBS: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array()],
  ['5000 SEQUENCEs within each other', nested(5000)],
  ['a length of 4 GiB', Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0)],
  ['a length of 126 octets of length', Uint8Array.of(0x30, 0xfe, ...new Uint8Array(126).fill(0xff))],
  ['an indefinite length', Uint8Array.of(0x30, 0x80, 0, 0)],
  [
    '15,000 empty elements',
    Uint8Array.from([0x30, 0x82, 0x75, 0x30, ...Array.from({ length: 15_000 }, () => [5, 0]).flat()]),
  ],
  ['a tag of many octets', Uint8Array.from([0x3f, ...new Uint8Array(400).fill(0xff)])],
];

for (const [name, read, octets] of READERS) {
  describeDecoder<Reading<unknown>>({
    name,
    valid: fc.constant(octets),
    decode: read,
    errors: [],
    isRefusal: ({ ok }) => !ok,
    runs: 60,
  });
}

describe.each(READERS)('%s', (_, read) => {
  it.each(BOMBS)('is not made of %s, which costs no time', (_name, bomb) => {
    const began = performance.now();
    expect(read(bomb)).toMatchObject({ ok: false, reason: 'malformed' });
    expect(performance.now() - began).toBeLessThan(100);
  });
});

describe('a damaged certificate', () => {
  it('never verifies, and never throws', () => {
    fc.assert(
      fc.property(damages(leaf.octets), (data) => {
        const payloads = [{ encoding: 4, data }, ...certificatePayloads([ISSUING])];
        expect(reasonOf(verify([], { payloads }))).not.toBe('ok');
      }),
      { numRuns: 300 },
    );
  });

  it('never verifies as an issuer', () => {
    fc.assert(
      fc.property(damages(ISSUING.octets), (data) => {
        expect(reasonOf(verify([], { payloads: [...certificatePayloads([leaf]), { encoding: 4, data }] }))).not.toBe(
          'ok',
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a damaged CRL', () => {
  it('never counts as one', () => {
    const issuing = issueCrl(BY_ISSUING, { thisUpdate: AT, nextUpdate: AT + DAY });
    fc.assert(
      fc.property(damages(crl.octets), (data) => {
        const read = readCrl(data);
        const crls = [issuing, ...(read.ok ? [read.value] : [])];
        expect(reasonOf(verify([leaf, ISSUING], { crls, policy: { revocation: 'required' } }))).not.toBe('ok');
      }),
      { numRuns: 100 },
    );
  });
});

describe('whatever certificates come', () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    ...[leaf.octets, ISSUING.octets, crl.octets, writePkcs7([leaf, ISSUING])].map(damages),
    fc.constantFrom(leaf.octets, ISSUING.octets, crl.octets),
  );
  const identity = fc.record({
    idType: fc.integer({ min: 0, max: 12 }),
    protocol: fc.constant(0),
    port: fc.constant(0),
    data: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(leaf.subject.octets), damages(leaf.subject.octets)),
  });

  it('there is a verdict, and no exception, for any identity', () => {
    const payload = fc.record({ encoding: fc.constantFrom(0, 1, 2, 4, 5, 7, 8, 10, 255), data: octets });
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 6 }), identity, (payloads, who) => {
        const verdict = verify([], { payloads, identity: who });
        if (verdict.ok) expect(verdict.certificate.octets).toEqual(leaf.octets);
        else expect(REFUSAL_REASONS).toContain(verdict.refusal.reason);
      }),
      { numRuns: 500 },
    );
  });

  it('long names that differ at their ends, or in case alone, are compared in bounded time', () => {
    const long = (i: number, end: string) =>
      `${i % 2 === 0 ? 'O=' : 'o='}${(i % 2 === 0 ? 'Ä' : 'ä').repeat(6000)}, CN=${end}`;
    const all = Array.from({ length: 19 }, (_, i) =>
      issueAuthority(
        { name: long(i, 'mesh'), key: KEYS.other },
        long(i + 1, 'mesh'),
        KEYS.other,
        {},
        {
          publicKey: { kind: 'rsa', modulus: new Uint8Array(256).fill(0xc1 + 2 * i), exponent: Uint8Array.of(1, 0, 1) },
        },
      ),
    );
    const certificates = [issue({ name: long(0, 'mesh'), key: KEYS.other }), ...all];
    const began = performance.now();
    expect(reasonOf(verify(certificates))).not.toBe('ok');
    expect(performance.now() - began).toBeLessThan(3000);
  });

  it('the verdict takes bounded time', () => {
    const all = Array.from({ length: 100 }, (_, i) =>
      issue({ name: `CN=${i % 7}`, key: KEYS.other }, { subject: `CN=${(i + 1) % 7}` }),
    );
    const began = performance.now();
    for (const count of [20, 100])
      expect(reasonOf(verify(all.slice(0, count), { identity: fqdnId(NAME) }))).not.toBe('ok');
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
