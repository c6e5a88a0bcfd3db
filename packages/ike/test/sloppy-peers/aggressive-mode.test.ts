import {
  decodeHeader,
  decodeMessage,
  EXCHANGE,
  encodeMessage,
  fqdnId,
  fromAscii,
  type Identification,
  ipv4AddressId,
  keyId,
  type Payload,
  type SaPayload,
  seconds,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { only } from '../../src/exchange/rules.ts';
import { AGGRESSIVE, begin, upToConfirm } from '../aggressive-mode/client.ts';
import { Forger } from '../support/forger.ts';
import { Pair, R2 } from '../support/pair.ts';

/** Message 1 with another SA payload. */
function withSa(octets: Uint8Array, change: (sa: SaPayload) => SaPayload): Uint8Array {
  const payloads: readonly Payload[] = decodeMessage(octets).payloads.map((payload) =>
    payload.kind === 'sa' ? change(payload) : payload,
  );
  return encodeMessage({ ...decodeHeader(octets), flags: 0 }, payloads);
}

describe('Aggressive Mode', () => {
  it.each<[string, Identification, Identification]>([
    ['by a letter', fqdnId('client.example.org'), fqdnId('cliemt.example.org')],
    ['by its type', keyId(fromAscii('office')), fqdnId('office')],
  ])(
    'tells both identities where they differ %s, which the peer’s administrator will ask for',
    (_name, expected, said) => {
      const forger = new Forger({ ...AGGRESSIVE, remote: { addresses: 'any' }, remoteIdentity: expected });
      const { octets } = begin(forger, { localIdentity: said });
      expect(forger.send(octets).result.ok).toBe(false);
      const detail = forger.news[0]?.detail;
      expect(detail).toMatchObject({ kind: 'identity', came: { type: expect.any(String) }, expected: [{}] });
      expect(JSON.stringify(detail)).toContain(said.idType === expected.idType ? 'cliemt' : 'office');
    },
  );

  it.each([
    [17, 500],
    [17, 0],
    [17, 4500],
    [0, 0],
  ])('hashes an identity with the protocol and port that it came with: %i and %i', (protocol, port) => {
    const forger = new Forger(AGGRESSIVE);
    const localIdentity = ipv4AddressId(R2.address, { protocol, port });
    expect(forger.send(upToConfirm(forger, { localIdentity }).encrypted).result).toEqual({ ok: true });
  });

  it('leaves out transforms of other groups than KE’s, as old Cisco gear sends them (regression: the first was taken)', () => {
    const forger = new Forger(AGGRESSIVE);
    const { octets } = begin(forger);
    const mixed = withSa(octets, (sa) => ({
      ...sa,
      proposals: sa.proposals.map((proposal) => ({
        ...proposal,
        transforms: proposal.transforms.flatMap((one) => [
          { ...one, attributes: one.attributes.map((a) => (a.type === 4 ? { ...a, value: 5 } : a)) },
          { ...one, number: 2 },
        ]),
      })),
    }));
    const [second] = forger.send(mixed).replies;
    if (second === undefined) return expect.unreachable('no answer');
    const [proposal] = only(decodeMessage(second).payloads, 'sa').proposals;
    expect(proposal?.transforms).toMatchObject([{ number: 2 }]);
    expect(forger.endpoint.tolerances['groups-mixed']).toBe(1);
  });

  it('sends nothing behind its payloads, which Check Point drops', () => {
    const pair = new Pair({ R2: AGGRESSIVE, R3: AGGRESSIVE }).initiate();
    pair.run(seconds(1));
    for (const { transmit } of pair.sent) {
      const header = decodeHeader(transmit.octets);
      expect(header.length).toBe(transmit.octets.length);
      if (header.exchange === EXCHANGE.aggressive && header.flags === 0) {
        const { payloads } = decodeMessage(transmit.octets);
        expect(payloads.reduce((sum, { raw }) => sum + raw.length, 28)).toBe(header.length);
      }
    }
  });
});
