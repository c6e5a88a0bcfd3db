import { nobleEngine } from '@espalier/crypto';
import { AddressPool, type Answer, Passwords, type Question } from '@espalier/ike';
import { fromAscii, keyId, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { Gateway, type GatewayConfig, type GatewayPeer, type PolicyConfig } from '../../src/index.ts';
import { HUB, OFFICE, packet, ROAD, Road, TEMPLATE, type Warrior } from './road.ts';

const GROUP = keyId(fromAscii('road warriors'));

const HUB_PEER: GatewayPeer = {
  ...TEMPLATE,
  mode: 'aggressive',
  remoteIdentity: GROUP,
  allowWildcardKey: false,
  proposals: TEMPLATE.proposals.map((one) => ({ ...one, authentication: 'xauth-initiator-pre-shared-key' as const })),
  xauth: { side: 'gateway' },
  modeConfig: { side: 'gateway' },
};

const HUB_POLICY: PolicyConfig = {
  ...ROAD,
  selectors: { local: OFFICE },
  action: { ...ROAD.action, assigned: 'remote' } as PolicyConfig['action'],
};

const HUB_CONFIG: GatewayConfig = { peers: [HUB_PEER], policies: [HUB_POLICY] };

function warrior(address: string, userName: string, assigned: string): Warrior {
  const { remoteIdentity: _, ...peer } = HUB_PEER;
  return {
    address,
    net: assigned,
    behindNat: true,
    config: {
      peers: [
        {
          ...peer,
          name: 'hub',
          local: address,
          remote: HUB,
          localIdentity: GROUP,
          xauth: { side: 'user', userName, password: fromAscii(`${userName}'s own`) },
          modeConfig: { side: 'client' },
        },
      ],
      policies: [
        {
          ...ROAD,
          selectors: { remote: '10.30.0.0/24' },
          action: { ...ROAD.action, peer: 'hub', assigned: 'local' } as PolicyConfig['action'],
        },
      ],
    },
  };
}

const ALICE = warrior('192.168.1.10', 'alice', '10.77.0.1');
const BOB = warrior('192.168.1.11', 'bob', '10.77.0.2');

function road(): Road & { readonly pool: AddressPool } {
  const pool = new AddressPool({ ipv4: '10.77.0.0/24' });
  const passwords = new Passwords(
    ['alice', 'bob'].map((userName) => ({ userName, password: fromAscii(`${userName}'s own`) })),
  );
  const answering = (question: Question): Answer => {
    if (question.kind === 'lease') return pool.answer(question);
    if (question.kind === 'verify-credentials') return passwords.answer(question);
    throw new Error(`nobody answers ${question.kind}`);
  };
  return Object.assign(new Road(HUB_CONFIG), { pool, answering });
}

describe('clients with addresses of the gateway’s', () => {
  it('of one group behind one NAT reach the office, each from its own address, and are reached there', () => {
    const bed = road();
    for (const [name, who] of [
      ['ALICE', ALICE],
      ['BOB', BOB],
    ] as const) {
      bed.join(name, who);
      expect(bed.reaches(name)).toBe(true);
    }
    expect(bed.reaches('ALICE')).toBe(true);
    expect(bed.hub.gateway.liveTunnels().map(({ peer, local, remote }) => [peer, local, remote])).toEqual([
      ['warriors/0x726f61642077617272696f7273/alice', '10.30.0.0/24', '10.77.0.1/32'],
      ['warriors/0x726f61642077617272696f7273/bob', '10.30.0.0/24', '10.77.0.2/32'],
    ]);
    expect(bed.pool.size).toBe(2);
    expect(bed.hub.received).toEqual(['10.77.0.1', '10.77.0.2', '10.77.0.1']);
  });

  it('send what has another source into nothing, once they have their own', () => {
    const bed = road();
    bed.join('ALICE', ALICE);
    expect(bed.reaches('ALICE')).toBe(true);
    const { gateway, events } = bed.site('ALICE');
    expect(events.find(({ kind }) => kind === 'configured')).toMatchObject({
      side: 'client',
      configuration: { addresses: ['10.77.0.1'] },
    });
    expect(gateway.handleInside(bed.now, packet('10.77.0.9', '10.30.0.5')).ok).toBe(false);
    expect(bed.call('ALICE').ok).toBe(true);
    expect(gateway.ipsecSas()).toHaveLength(1);
  });

  it('give their tunnels and addresses back when they go, and get the same ones when they come again', () => {
    const bed = road();
    bed.join('ALICE', ALICE);
    bed.reaches('ALICE');
    bed.site('ALICE').gateway.close(bed.now);
    bed.run(seconds(2));
    expect(bed.hub.gateway.liveTunnels()).toEqual([]);
    for (const event of bed.hub.events) bed.pool.handleEvent(event);
    expect(bed.pool.size).toBe(0);
    bed.join('BOB', { ...BOB, net: '10.77.0.2' });
    expect(bed.reaches('BOB')).toBe(true);
    bed.join('ALICE', {
      ...ALICE,
      address: '192.168.1.13',
      config: warrior('192.168.1.13', 'alice', '').config ?? HUB_CONFIG,
    });
    expect(bed.reaches('ALICE')).toBe(true);
  });
});

describe('a policy for assigned addresses', () => {
  const made = (peer: object, policy: object) => {
    const config = { peers: [{ ...HUB_PEER, ...peer }], policies: [{ ...HUB_POLICY, ...policy }] } as GatewayConfig;
    return () => new Gateway({ config, engine: nobleEngine(), rng: seededRng(1) });
  };

  it.each([
    ['without Mode Config', { modeConfig: undefined }, {}],
    ['of the other side', {}, { action: { ...HUB_POLICY.action, assigned: 'local' } }],
    ['that says which', {}, { selectors: { remote: '10.77.0.0/24' } }],
    ['in transport mode', {}, { action: { ...HUB_POLICY.action, mode: 'transport' } }],
  ])('%s is refused', (_, peer, policy) => {
    expect(made(peer, policy)).toThrow(RangeError);
  });

  it('of neither side is none', () => {
    expect(made({}, { action: { ...HUB_POLICY.action, assigned: 'both' } })).toThrow(/assigned/);
  });
});
