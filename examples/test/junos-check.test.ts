import { readFileSync } from 'node:fs';
import { readJunos } from '@espalier/junos';
import { describe, expect, it } from 'vitest';
import { describeReading } from '../src/junos-check/describe.ts';

const R2 = readFileSync(new URL('../configs/R2.conf', import.meta.url), 'utf8');
const described = (text: string) => describeReading(readJunos(text));

describe('what junos-check says', () => {
  it('is each tunnel as it was understood, and what has no effect', () => {
    expect(described(R2)).toBe(`1 tunnel

Tunnel 1: service-set service-set-dynamic-BiEspsha3des, rule rule-ike, term term-ike
  between   10.1.15.1 (so-0/0/1.0) and 10.1.15.2
  carries   packets from 10.1.12.0/24 to 10.1.56.0/24
            that are routed into sp-1/2/0.1 (static: 10.1.56.0/30, 10.0.0.3/32, 10.0.0.4/32)
  phase 1   IKE version 1, main mode, a pre-shared key of 7 octets, 3600 s; proposes
            3des-cbc, sha1, group 2
  phase 2   ESP in tunnel mode, 28800 s, no perfect forward secrecy; proposes
            3des-cbc/hmac-sha1-96
  options   anti-replay window of 64 packets
  liveness  the peer is not probed
  starts    with the first packet for it

Notices:
  line 26, column 22: syslog host local has no effect here
`);
  });

  it('is that there is no tunnel where there is none, and what was not read', () => {
    const text = described('version 12.3; interfaces { ge-0/0/0 { unit 0 { family inet; } } }');
    expect(text).toContain('No tunnel: there is no service-set');
    expect(text).toContain('line 1, column 1: not read: version');
  });

  it('is more where a tunnel has more: liveness, identities, legacy algorithms, an address of no interface', () => {
    const more = R2.replace('remote-gateway 10.1.15.2;', 'remote-gateway 10.1.15.2; initiate-dead-peer-detection;')
      .replace('address 10.1.15.1/30', 'address 10.1.16.1/30')
      .replace('pre-shared-key', 'local-id fqdn r2.example.net; proposals old; pre-shared-key')
      .replace(/(\s)ike \{/, '$1ike { proposal old { encryption-algorithm des-cbc; authentication-algorithm md5; }');
    const text = described(more);
    expect(text).toContain('10.1.15.1 (the address of no interface in this text) and 10.1.15.2');
    expect(text).toContain('probed after 10 s and every 2 s, and dead when 3 probes have no answer');
    expect(text).toContain('says it is fqdn');
    expect(text).toContain('Legacy algorithms, which nobody should use any more: des, md5');
  });

  it('never is the key', () => {
    const key = /pre-shared-key ascii-text "?([^";]+)/.exec(R2)?.[1] ?? '';
    expect(key).not.toBe('');
    expect(described(R2)).not.toContain(key);
  });
});

describe('what junos-check says of dynamic endpoints', () => {
  it('is who may call, and what for', () => {
    const hub = readFileSync(new URL('../configs/dynamic-endpoints/hub.conf', import.meta.url), 'utf8');
    expect(described(hub)).toContain(`Dynamic endpoints: service-set dynamic-endpoints, access profile road-warriors
  between   203.0.113.1 and whoever has the key
  carries   packets from 10.30.0.0/16 to 10.80.0.0/16
            that are routed into sp-1/2/0.1
`);
    const dedicated = described(hub.replace('shared;', 'dedicated;'));
    expect(dedicated).toContain('that are routed into one for each tunnel: sp-1/2/0.1');
  });
});
