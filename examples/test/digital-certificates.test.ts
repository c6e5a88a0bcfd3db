import { nodeEngine } from '@espalier/crypto/node';
import { readJunos } from '@espalier/junos';
import { describe, expect, it } from 'vitest';
import { publicKeyOf, rsaKey } from '../../test/support/signing-keys.ts';
import { seededRng } from '../src/common/randomness.ts';
import { Authority } from '../src/digital-certificates/authority.ts';
import { differences, revokedDifferences } from '../src/digital-certificates/expected.ts';
import { configurationOf, runRevoked, runScenario } from '../src/digital-certificates/scenario.ts';

const pair = (name: Parameters<typeof rsaKey>[0]) => ({ key: rsaKey(name), publicKey: publicKeyOf(rsaKey(name)) });

/** There are two keys of 2048 bits to be had here: R3 has the same as the authority. */
function enrolment() {
  const authority = new Authority(pair('other'));
  return {
    authority,
    r2: authority.enroll('router2.example.com', pair('one')),
    r3: authority.enroll('router3.example.com', pair('other')),
  };
}

function options(changed: Partial<ReturnType<typeof enrolment>> = {}) {
  const lines: string[] = [];
  const terminal = { print: (line = '') => lines.push(line), progress: () => {} };
  return { lines, engine: nodeEngine(), rng: seededRng('1'), terminal, enrolment: { ...enrolment(), ...changed } };
}

describe('the routers with digital certificates', () => {
  it('show what the document shows', () => {
    const run = options();
    expect(differences(runScenario(run))).toEqual([]);
    expect(
      run.lines.filter((line) => line.startsWith('user@R2')).map((line) => line.replace(/^.*> show /, '')),
    ).toEqual([
      'services ipsec-vpn ike security-associations',
      'services ipsec-vpn ipsec security-associations detail',
      'services ipsec-vpn ipsec statistics',
      'services ipsec-vpn certificates detail',
      'security pki ca-certificate',
      'security pki local-certificate detail',
      'security pki crl detail',
    ]);
  });

  it.each(['R2', 'R3'])('are configured without a notice but for the log that the seed has, too: %s', (router) => {
    const notices = readJunos(configurationOf(router)).notices.map(({ text }) => text);
    expect(notices).toEqual(['syslog host local has no effect here']);
  });

  it('have no tunnel once one certificate is revoked, and say which', () => {
    expect(revokedDifferences(runRevoked(options()))).toEqual([]);
  });

  it('have no tunnel where one certificate is another authority’s', () => {
    const { certificates, ...rest } = runScenario(
      options({ r3: new Authority(pair('one')).enroll('router3.example.com', pair('other')) }),
    );
    expect(rest.pings[0]).toMatchObject({ sent: 5, received: 0 });
    expect(certificates.r2.ofServices).toContain('Total entries: 2');
  });
});
