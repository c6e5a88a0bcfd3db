import { type GatewayRouter, isClient, type Seat } from '../machine/network.ts';
import type { Testbed } from '../machine/testbed.ts';
import { Espalier } from './espalier.ts';
import { EspalierL2tp } from './espalier-l2tp.ts';
import { EspalierRoad } from './espalier-road.ts';
import type { Gateway, GatewaySettings, Program } from './gateway.ts';
import { IkeOnly } from './ike-only.ts';
import { Libreswan } from './libreswan.ts';
import { StrongSwan } from './strongswan.ts';
import { Vpnc } from './vpnc.ts';

export function makeGateway(program: Program, bed: Testbed, router: Seat, settings: GatewaySettings): Gateway {
  switch (program) {
    case 'espalier':
      if (settings.isL2tp) return new EspalierL2tp(bed, router);
      return settings.road === undefined
        ? new Espalier(bed, router, settings)
        : new EspalierRoad(bed, router, settings, settings.road);
    case 'espalier-ike':
      return new IkeOnly(bed, gatewayRouter(router), settings);
    case 'strongswan':
      return new StrongSwan(bed, router, settings);
    case 'vpnc':
      return new Vpnc(bed, router, settings);
    case 'libreswan':
      return new Libreswan(bed, gatewayRouter(router), settings);
  }
}

function gatewayRouter(router: Seat): GatewayRouter {
  if (isClient(router)) throw new RangeError(`router: ${router} is no gateway`);
  return router;
}
