import type { Place } from '../machine/network.ts';
import { type GatewaySettings, PRE_SHARED_KEY } from './gateway.ts';

/** The configuration of the seed's Router 2 or 3 with the algorithms, selectors and lifetimes of a case. */
export function junosText(place: Place, settings: GatewaySettings): string {
  const dynamic = settings.peers === 'anywhere';
  const { ipsec } = settings.suite.junos;
  return `interfaces {
    so-0/0/1 { unit 0 { family ${place.address.includes(':') ? `inet6 { address ${place.address}/64` : `inet { address ${place.address}/30`}; } } }
    sp-1/2/0 {
        unit 1 { ${dynamic ? 'dial-options { ipsec-interface-id road; shared; }' : ''} family inet; service-domain inside; }
        unit 2 { family inet; service-domain outside; }
    }
}
${dynamic ? accessProfile(place) : ''}
services {
    service-set interop {
        next-hop-service {
            inside-service-interface sp-1/2/0.1;
            outside-service-interface sp-1/2/0.2;
        }
        ipsec-vpn-options { local-gateway ${place.address}; ${dynamic ? 'ike-access-profile road;' : ''} }
        ${dynamic ? '' : 'ipsec-vpn-rules rule-interop;'}
    }
    ipsec-vpn {
        ${dynamic ? '' : rule(place, settings)}
        ipsec {
            proposal tunnel {
                ${statement('encryption-algorithm', ipsec?.encryption)}
                ${statement('authentication-algorithm', ipsec?.authentication)}
                ${statement('lifetime-seconds', settings.renew?.child)}
            }
            policy tunnel {
                ${ipsec?.pfs === undefined ? '' : `perfect-forward-secrecy { keys ${ipsec.pfs}; }`}
                proposals tunnel;
            }
        }
        ${ike(settings)}
    }
}
`;
}

/** Peers that call from anywhere, and what they may ask for. */
function accessProfile({ near, far }: Place): string {
  return `access {
    profile road {
        client * {
            ike {
                allowed-proxy-pair local ${near} remote ${far};
                ike-policy ike-peer;
                ipsec-policy tunnel;
                interface-id road;
            }
        }
    }
}`;
}

function rule(place: Place, { selectors, dpd, tunnelMtu }: GatewaySettings): string {
  const from = `from { source-address ${place.near}; destination-address ${place.far}; }`;
  return `rule rule-interop {
            term term-interop {
                ${selectors === 'any' ? '' : from}
                then {
                    remote-gateway ${place.peerAddress};
                    dynamic { ike-policy ike-peer; ipsec-policy tunnel; }
                    ${statement('tunnel-mtu', tunnelMtu)}
                    ${dpd === undefined ? '' : 'initiate-dead-peer-detection;'}
                }
            }
            match-direction input;
        }`;
}

function ike({ suite, mode = 'main', renew, peers, respondsToBadSpi = false }: GatewaySettings): string {
  const { ike: algorithms } = suite.junos;
  return `ike {
            proposal ike-peer {
                authentication-method pre-shared-keys;
                ${statement('encryption-algorithm', algorithms?.encryption)}
                ${statement('authentication-algorithm', algorithms?.hash)}
                ${statement('dh-group', algorithms?.group)}
                ${statement('lifetime-seconds', renew?.ike)}
            }
            policy ike-peer {
                mode ${mode};
                ${respondsToBadSpi ? 'respond-bad-spi;' : ''}
                ${peers === 'anywhere' ? 'remote-id { any-remote-id; }' : ''}
                proposals ike-peer;
                pre-shared-key ascii-text "${PRE_SHARED_KEY}";
            }
        }`;
}

/** Nothing where there is no value: the default of the AS PIC. */
function statement(keyword: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${keyword} ${value};`;
}
