import { describe, expect, it } from 'vitest';
import { readJunos } from '../../packages/junos/src/index.ts';
import type { GatewaySettings } from './gateways/gateway.ts';
import { junosText } from './gateways/junos.ts';
import { SUITES } from './gateways/suite.ts';
import { PLACES } from './machine/network.ts';

const VARIANTS: readonly Omit<GatewaySettings, 'suite'>[] = [
  { selectors: 'networks' },
  { selectors: 'any' },
  { selectors: 'networks', renew: { ike: 180, child: 180 } },
];

describe.each(SUITES.filter(({ name }) => !name.includes('gcm')).map((suite) => [suite.name, suite] as const))(
  'the Junos text for %s',
  (_, suite) => {
    it.each(VARIANTS)('is read without a notice: %o', (variant) => {
      const { configuration, notices } = readJunos(junosText(PLACES.R2, { suite, ...variant }));
      expect(notices).toEqual([]);
      const [term] = configuration.gateway.serviceSets[0]?.rules[0]?.terms ?? [];
      expect(term?.remoteGateway).toBe('10.1.15.2');
      expect(term?.from).toEqual(
        variant.selectors === 'any' ? {} : { sourceAddress: '10.1.12.0/24', destinationAddress: '10.1.56.0/24' },
      );
      if (variant.renew) expect([term?.ike.lifetime, term?.ipsec.lifetime]).toEqual([180_000, 180_000]);
    });
  },
);
