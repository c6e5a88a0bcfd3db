import { createCbc } from '@espalier/crypto';
import type { KeyLogEntry } from '@espalier/ike';
import { decodeHeader, decodePayloads, EXCHANGE, equalOctets, seconds, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hash1, phase1Iv, phase2Iv } from '../../src/v1/keying.ts';
import { NatBed } from '../support/nat-bed.ts';
import { espOf, R2, R3, tunnelled } from '../support/pair.ts';

describe('the key log', () => {
  /** Copies, since an entry is valid during the call only. */
  function log(): { entries: KeyLogEntry[]; keyLog: (entry: KeyLogEntry) => void } {
    const entries: KeyLogEntry[] = [];
    return { entries, keyLog: (entry) => entries.push(structuredClone(entry)) };
  }

  it('has the key of an IKE SA as the cipher takes it, and of each child both directions, once', () => {
    const { entries, keyLog } = log();
    const pair = tunnelled({ endpoint: { keyLog } });
    const children = pair.nodes.map((node) => node.of('child-established')[0]?.child);
    const ike = entries.filter((entry) => entry.kind === 'ike');
    const esp = entries.filter((entry) => entry.kind === 'esp');
    // Both sides write into this one.
    expect(ike).toHaveLength(2);
    expect(esp).toHaveLength(4);
    const sa = pair.R2.endpoint.ikeSas()[0];
    for (const { initiatorCookie, responderCookie, encryption } of ike) {
      expect({ initiatorCookie, responderCookie }).toEqual({
        initiatorCookie: sa?.initiatorCookie,
        responderCookie: sa?.responderCookie,
      });
      expect(encryption).toHaveLength(24);
      expect(encryption).toEqual(ike[0]?.encryption);
    }
    for (const child of children) {
      if (child === undefined) throw new Error('no child');
      const { suite, inbound, outbound } = espOf(child);
      for (const keys of [inbound, outbound]) {
        const same = esp.filter(({ spi }) => spi === keys.spi);
        expect(same).toHaveLength(2);
        for (const entry of same) {
          expect(entry.suite).toEqual(suite);
          expect(toHex(entry.keys.encryption)).toBe(toHex(keys.encryption));
          expect(toHex(entry.keys.integrity)).toBe(toHex(keys.integrity));
        }
      }
    }
    const toR3 = children[0]?.outbound;
    expect(esp.filter(({ source, destination }) => source === R2.address && destination === R3.address)).toHaveLength(
      2,
    );
    expect(esp.find(({ spi }) => spi === toR3)).toMatchObject({ source: R2.address, destination: R3.address });
  });

  it('has the key that message 5 is encrypted with', () => {
    const { entries, keyLog } = log();
    const bed = new NatBed({ endpoint: { keyLog }, R2: { natTraversal: 'force' } }).initiate().run();
    const [ike] = entries;
    if (ike?.kind !== 'ike') throw new Error('no key of the IKE SA');
    const cipher = createCbc('3des-cbc', ike.encryption);
    const [, , third, fourth, fifth] = bed.crossed.map(({ octets }) => octets);
    if (third === undefined || fourth === undefined || fifth === undefined) throw new Error('too few messages');
    const valueIn = (message: Uint8Array): Uint8Array => message.subarray(32, 32 + 128);
    const iv = phase1Iv('sha1', valueIn(third), valueIn(fourth), cipher.blockOctets);
    const { payloads } = decodePayloads(5, cipher.decrypt(iv, fifth.subarray(4 + 28)));
    expect(payloads.map(({ kind }) => kind)).toEqual(['id', 'hash', 'notification']);
  });

  it('has what the hashes are made with, and what the keys of children are, alike at both ends', () => {
    const { entries, keyLog } = log();
    const pair = tunnelled({ endpoint: { keyLog } });
    const [one, other] = entries.filter((entry) => entry.kind === 'ike');
    if (one === undefined) throw new Error('no key of the IKE SA');
    expect(other).toEqual(one);
    expect(one.proposal).toEqual(pair.R2.endpoint.ikeSas()[0]?.proposal);
    const { encryption, skeyidD, skeyidA, proposal } = one;
    // SKEYID_e is no longer than SHA1: the key of 3DES is Ka (RFC 2409 Appendix B).
    expect([skeyidD, skeyidA, one.skeyid, encryption].map(({ length }) => length)).toEqual([20, 20, 20, 24]);
    const quick = pair.sent.map(({ transmit }) => transmit.octets).find((octets) => octets[18] === EXCHANGE.quick);
    const [, , third, fourth, , sixth] = pair.sent.map(({ transmit }) => transmit.octets);
    if (quick === undefined || sixth === undefined || third === undefined || fourth === undefined) {
      throw new Error('too few messages');
    }
    const header = decodeHeader(quick);
    const cipher = createCbc('3des-cbc', encryption);
    const iv = phase2Iv(proposal.hash, sixth.slice(-8), header.messageId, 8);
    const plain = cipher.decrypt(iv, quick.subarray(28));
    const { payloads, length } = decodePayloads(header.nextPayload, plain);
    const [hash] = payloads;
    const rest = plain.subarray(hash?.raw.length ?? 0, length);
    expect(hash).toMatchObject({ kind: 'hash', data: hash1('sha1', skeyidA, header.messageId, rest) });
  });

  it('goes on with every renewal', () => {
    const { entries, keyLog } = log();
    const pair = tunnelled({ endpoint: { keyLog }, R2: { lifetime: seconds(600) } });
    pair.run(seconds(1000));
    const cookies = new Set(entries.flatMap((entry) => (entry.kind === 'ike' ? [entry.initiatorCookie] : [])));
    expect(cookies.size).toBe(pair.R2.of('ike-established').length);
    expect(cookies.size).toBeGreaterThan(1);
  });

  it('hands over the keys themselves and keeps none of them: what is copied later is overwritten', () => {
    const kept: Uint8Array[] = [];
    const keyLog = (entry: KeyLogEntry): void => {
      if (entry.kind === 'ike') kept.push(entry.encryption, entry.skeyid, entry.skeyidD, entry.skeyidA);
    };
    tunnelled({ endpoint: { keyLog } });
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every((octets) => equalOctets(octets, new Uint8Array(octets.length)))).toBe(true);
  });
});
