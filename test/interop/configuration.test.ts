import { describe, expect, it } from 'vitest';
import { readJunos } from '../../packages/junos/src/index.ts';
import type { GatewaySettings } from './gateways/gateway.ts';
import { junosText } from './gateways/junos.ts';
import { SUITES } from './gateways/suite.ts';
import { placeOf } from './machine/network.ts';

const VARIANTS: readonly Omit<GatewaySettings, 'suite'>[] = [
  { selectors: 'networks' },
  { selectors: 'any' },
  { selectors: 'networks', renew: { ike: 180, child: 180 } },
];

describe.each(SUITES.filter(({ name }) => !name.includes('gcm')).map((suite) => [suite.name, suite] as const))(
  'the Junos text for %s',
  (_, suite) => {
    it.each(VARIANTS)('is read without a notice: %o', (variant) => {
      const { configuration, notices } = readJunos(junosText(placeOf('R2'), { suite, ...variant }));
      expect(notices).toEqual([]);
      const { peers, policies } = configuration.gateway;
      expect(peers.map(({ remote }) => remote)).toEqual(['10.1.15.2']);
      expect(policies[0]?.selectors).toEqual(
        variant.selectors === 'any' ? {} : { local: '10.1.12.0/24', remote: '10.1.56.0/24' },
      );
      if (variant.renew) {
        expect(peers[0]?.lifetime).toBe(180_000);
        expect(policies[0]?.action).toMatchObject({ lifetime: 180_000 });
      }
    });
  },
);
