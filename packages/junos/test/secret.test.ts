import { fromAscii } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../test/support/decoders.ts';
import { JunosError, readJunos } from '../src/index.ts';
import { decodeSecret, encodeSecret } from '../src/text/secret.ts';

/** The octets of a key that is written so, or why it is refused. */
function keyOf(statement: string): Uint8Array | string {
  const text = `interfaces { ge-0/0/0 unit 0 family inet address 192.0.2.1/24;
    sp-1/2/0 { unit 1 service-domain inside; unit 2 service-domain outside; } }
    services { service-set s {
      next-hop-service { inside-service-interface sp-1/2/0.1; outside-service-interface sp-1/2/0.2; }
      ipsec-vpn-options local-gateway 192.0.2.1; ipsec-vpn-rules r; }
      ipsec-vpn { rule r { match-direction input; term t { then { remote-gateway 192.0.2.2; dynamic ike-policy p; } } }
      ike { policy p { pre-shared-key ${statement}; } } } }`;
  try {
    return readJunos(text).configuration.gateway.peers[0]?.preSharedKey ?? 'no peer';
  } catch (error) {
    if (error instanceof JunosError) return error.message;
    throw error;
  }
}

describe('the form $9$ of a secret', () => {
  it.each([
    ['$9$LbHX-wg4Z', 'lc'],
    ['$9$41JDk5T3CpBFnCuB1rl8X7-VYq.5', 'netscreen'],
    ['$9$QzF33/t1RSM87uO87-V4oz36', 'juniper'],
    ['$9$iqPQ/CuEclFnclKMN-Hqm', 'juniper'],
    ['$9$7NdwgGDkTz6oJz69A1INdbY4ZHqfn/tUj/tuOcSwYgaGiP5FApBk.pBIEeK', 'juniperjuniperjunipe'],
  ])('is decoded: %s', (coded, plain) => {
    expect(decodeSecret(coded)).toEqual(fromAscii(plain));
    expect(keyOf(`ascii-text "${coded}"`)).toEqual(fromAscii(plain));
  });

  it.each(['$9jadsfdf', '$9$asd', '$9$asdf*', '$9$dLw2ajHmFnCZUnCtuEhVwYY', '$9$dLw2ajHmFnCZUnCtuEhVw', '$9$'])(
    'is none where it is cut short or has other characters: %s',
    (coded) => {
      expect(decodeSecret(coded)).toBeUndefined();
    },
  );

  it.each(['$9$asd', '$9$asdf*', '$9$dLw2ajHmFnCZUnCtuEhVwYY', '$9$'])(
    'is refused, and not the key itself: %s',
    (coded) => {
      expect(keyOf(`ascii-text "${coded}"`)).toContain('a key in the form $9$ that is whole');
    },
  );

  it('decodes to what was encoded, whatever the salt', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(64), (octets, salt) => {
        expect(decodeSecret(encodeSecret(octets, salt))).toEqual(octets);
      }),
    );
  });

  it('of hexadecimal digits are the digits', () => {
    expect(keyOf(`hexadecimal "${encodeSecret(fromAscii('00ffA0'), 7)}"`)).toEqual(Uint8Array.of(0, 0xff, 0xa0));
    expect(keyOf(`hexadecimal "${encodeSecret(fromAscii('secret'), 7)}"`)).toContain('hexadecimal digits');
  });
});

describeDecoder({
  name: 'what follows $9$',
  valid: fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(64))
    .map(([octets, salt]) => fromAscii(encodeSecret(octets, salt).slice(3))),
  decode: (octets) => decodeSecret(`$9$${Buffer.from(octets).toString('latin1')}`),
  errors: [],
  isRefusal: (secret) => secret === undefined,
  // A secret may end behind any of its characters.
  prefixes: 'may-be-whole',
});

describe('a secret that is not there', () => {
  it.each(['$8$aes256-gcm$hmac-sha2-256$100$x', '$1$x$y', '$5$x$y', '$6$x$y', '$7$x', '$10$x'])(
    'is refused by the name of its form, and never the key itself: %s',
    (text) => {
      expect(keyOf(`ascii-text "${text}"`)).toContain(
        `not supported: keys in the form ${text.slice(0, text.indexOf('$', 1) + 1)}`,
      );
    },
  );

  it.each(['****', '********', '<removed>', '<secret>', 'XXXXXXXX', 'SECRET-DATA', '/* SECRET-DATA */'])(
    'is refused where something was put in its place: %s',
    (text) => {
      expect(keyOf(`ascii-text "${text}"`)).toContain('the key itself');
    },
  );

  it('is refused where a comment stands for it', () => {
    expect(keyOf('ascii-text /* SECRET-DATA */')).toContain('shown without its secrets');
    expect(keyOf('hexadecimal /* SECRET-DATA */')).toContain('shown without its secrets');
  });

  it('is told from a key that only looks like one', () => {
    for (const key of ['$ABC123', 'juniper$9$', '$$', '9$x', 'X', 'removed?']) {
      expect(keyOf(`ascii-text "${key}"`)).toEqual(fromAscii(key));
    }
  });
});
