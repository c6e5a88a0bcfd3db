import { describe, expect, it } from 'vitest';
import { JunosError, readJunos } from '../src/index.ts';

function text({ action = '', options = '', set = '' }: { action?: string; options?: string; set?: string }): string {
  return `interfaces {
  sp-1/2/0 { unit 0 { family inet; } unit 1 { family inet; service-domain inside; } unit 2 { family inet; service-domain outside; } }
}
services {
  service-set s {
    next-hop-service { inside-service-interface sp-1/2/0.1; outside-service-interface sp-1/2/0.2; }
    ipsec-vpn-options { local-gateway 10.1.15.1; ${options} }
    ipsec-vpn-rules r;
    ${set}
  }
  ipsec-vpn {
    rule r { match-direction input; term t { then { remote-gateway 10.1.15.2; dynamic { ike-policy i; } ${action} } } }
    ike { policy i { pre-shared-key ascii-text juniper; } }
  }
}
`;
}

const actionOf = (parts: Parameters<typeof text>[0]) =>
  readJunos(text(parts)).configuration.gateway.policies[0]?.action;

describe('how a term treats packets', () => {
  it.each([
    ['ttl 1;', { outer: { ttl: 1 } }],
    ['ttl 254;', { outer: { ttl: 254 } }],
    ['copy-ttl-from-inner-ip-header;', { outer: { ttl: 'copy' } }],
    ['tos 255;', { outer: { dscp: 63 } }],
    ['tos 0;', { outer: { dscp: 0 } }],
    ['ttl 32; tos 184;', { outer: { ttl: 32, dscp: 46 } }],
    ['set-dont-fragment-bit;', { outer: { df: 'set' } }],
    ['clear-dont-fragment-bit;', { clearDontFragment: true }],
    ['copy-dont-fragment-bit;', { clearDontFragment: false }],
  ])('is read: %s', (then, expected) => {
    expect(actionOf({ action: then })).toMatchObject(expected);
    expect(readJunos(text({ action: then })).notices).toEqual([]);
  });

  it('is as the gateway does it where nothing is said', () => {
    expect(actionOf({ action: 'copy-tos-from-inner-ip-header;' })).not.toHaveProperty('outer');
    expect(actionOf({})).not.toHaveProperty('tcpMss');
  });

  it.each([
    [
      'TTL value cannot be configured with copy-ttl-from-inner-ip-header option',
      'ttl 9; copy-ttl-from-inner-ip-header;',
    ],
    [
      'ToS value cannot be configured with copy-tos-from-inner-ip-header option',
      'tos 9; copy-tos-from-inner-ip-header;',
    ],
    ['expected a number from 1 to 254, found "255"', 'ttl 255;'],
    ['expected a number from 0 to 255, found "256"', 'tos 256;'],
    [
      'expected either clear-dont-fragment-bit or set-dont-fragment-bit',
      'set-dont-fragment-bit; clear-dont-fragment-bit;',
    ],
  ])('is refused as Junos refuses it: %s', (message, then) => {
    expect(() => readJunos(text({ action: then }))).toThrow(JunosError);
    expect(() => readJunos(text({ action: then }))).toThrow(message);
  });

  it('is the service set’s where the term says nothing of its own', () => {
    expect(actionOf({ options: 'set-dont-fragment-bit;' })).toMatchObject({ outer: { df: 'set' } });
    const both = { options: 'set-dont-fragment-bit;', action: 'clear-dont-fragment-bit;' };
    expect(actionOf(both)).toMatchObject({ clearDontFragment: true });
    expect(actionOf(both)).not.toHaveProperty('outer');
    expect(actionOf({ set: 'tcp-mss 1350;' })).toMatchObject({ tcpMss: 1350 });
    expect(() => readJunos(text({ set: 'tcp-mss 535;' }))).toThrow('a number from 536 to 65535');
  });
});
