import { nodeEngine } from '@espalier/crypto/node';
import { readJunos } from '@espalier/junos';
import { certificatePayloads } from '@espalier/pki';
import { fqdnId } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { publicKeyOf, rsaKey } from '../../test/support/signing-keys.ts';
import { CertificateHolder } from '../src/common/certificate-holder.ts';
import { namesOf } from '../src/common/junos-pki.ts';
import { seededRng } from '../src/common/randomness.ts';
import { Authority, START } from '../src/digital-certificates/authority.ts';
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

  it('show of what a peer sent what leads to it (regression: a stranger’s that came along was trusted)', () => {
    const { authority, r2, r3 } = enrolment();
    const stranger = new Authority(pair('one')).enroll('stranger.example.com', pair('one'));
    const { pki } = readJunos(configurationOf('R2')).configuration;
    const own = new Map(pki.peers.map(({ localCertificate }) => [localCertificate, r2]));
    const authorities = new Map(pki.caProfiles.map(({ name }) => [name, authority.certificate]));
    const holdings = {
      authorities,
      own,
      crls: new Map([...authorities.keys()].map((name) => [name, [authority.crl()]])),
    };
    const given = namesOf(holdings);
    const { configuration } = readJunos(configurationOf('R2'), given);
    const holder = new CertificateHolder(configuration, holdings, nodeEngine());
    const [peer] = configuration.pki.peers;
    const at = { address: '10.1.15.2', port: 500 };
    const answer = holder.answer(
      {
        kind: 'verify-chain',
        id: 1,
        local: at,
        remote: at,
        peer: peer?.peer ?? '',
        role: 'initiator',
        method: 'rsa-signature',
        identity: fqdnId('router3.example.com'),
        certificates: certificatePayloads([r3.certificate, stranger.certificate]),
      },
      START,
    );
    expect(answer).toHaveProperty('key');
    expect(holder.show().ofServices).toContain('router3');
    expect(holder.show().ofServices).not.toContain('stranger');
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
