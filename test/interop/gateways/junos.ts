import type { Place } from '../machine/network.ts';
import { type GatewaySettings, PRE_SHARED_KEY } from './gateway.ts';

/** The configuration of the seed's Router 2 or 3 with the algorithms, selectors and lifetimes of a case. */
export function junosText(place: Place, { suite, mode = 'main', selectors, renew, dpd }: GatewaySettings): string {
  const { ike, ipsec } = suite.junos;
  const from = `from { source-address ${place.near}; destination-address ${place.far}; }`;
  return `interfaces {
    so-0/0/1 { unit 0 { family ${place.address.includes(':') ? `inet6 { address ${place.address}/64` : `inet { address ${place.address}/30`}; } } }
    sp-1/2/0 {
        unit 1 { family inet; service-domain inside; }
        unit 2 { family inet; service-domain outside; }
    }
}
services {
    service-set interop {
        next-hop-service {
            inside-service-interface sp-1/2/0.1;
            outside-service-interface sp-1/2/0.2;
        }
        ipsec-vpn-options { local-gateway ${place.address}; }
        ipsec-vpn-rules rule-interop;
    }
    ipsec-vpn {
        rule rule-interop {
            term term-interop {
                ${selectors === 'any' ? '' : from}
                then {
                    remote-gateway ${place.peerAddress};
                    dynamic { ike-policy ike-peer; ipsec-policy tunnel; }
                    ${dpd === undefined ? '' : 'initiate-dead-peer-detection;'}
                }
            }
            match-direction input;
        }
        ipsec {
            proposal tunnel {
                ${statement('encryption-algorithm', ipsec?.encryption)}
                ${statement('authentication-algorithm', ipsec?.authentication)}
                ${statement('lifetime-seconds', renew?.child)}
            }
            policy tunnel {
                ${ipsec?.pfs === undefined ? '' : `perfect-forward-secrecy { keys ${ipsec.pfs}; }`}
                proposals tunnel;
            }
        }
        ike {
            proposal ike-peer {
                authentication-method pre-shared-keys;
                ${statement('encryption-algorithm', ike?.encryption)}
                ${statement('authentication-algorithm', ike?.hash)}
                ${statement('dh-group', ike?.group)}
                ${statement('lifetime-seconds', renew?.ike)}
            }
            policy ike-peer {
                mode ${mode};
                proposals ike-peer;
                pre-shared-key ascii-text "${PRE_SHARED_KEY}";
            }
        }
    }
}
`;
}

/** Nothing where there is no value: the default of the AS PIC. */
function statement(keyword: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${keyword} ${value};`;
}
