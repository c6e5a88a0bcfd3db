import type { GatewayRouter } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { Espalier } from './espalier.ts';
import type { Gateway, GatewaySettings, Program } from './gateway.ts';
import { IkeOnly } from './ike-only.ts';
import { Libreswan } from './libreswan.ts';
import { StrongSwan } from './strongswan.ts';

export function makeGateway(program: Program, bed: Testbed, router: GatewayRouter, settings: GatewaySettings): Gateway {
  switch (program) {
    case 'espalier':
      return new Espalier(bed, router, settings);
    case 'espalier-ike':
      return new IkeOnly(bed, router, settings);
    case 'strongswan':
      return new StrongSwan(bed, router, settings);
    case 'libreswan':
      return new Libreswan(bed, router, settings);
  }
}
