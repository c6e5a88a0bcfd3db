import { type Place, placeOf } from '../machine/network.ts';
import { type GatewaySettings, PRE_SHARED_KEY } from './gateway.ts';
import { nameOf } from './signing.ts';

/** What the configuration calls the authority, and its own certificate. */
export const JUNOS_PKI = { authority: 'laboratory', own: 'own' } as const;

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
${dynamic ? accessProfile(place, settings) : ''}
${settings.signs === undefined ? '' : `security { pki { ca-profile ${JUNOS_PKI.authority} { ca-identity ${JUNOS_PKI.authority}; } } }`}
services {
    service-set interop {
        next-hop-service {
            inside-service-interface sp-1/2/0.1;
            outside-service-interface sp-1/2/0.2;
        }
        ipsec-vpn-options { ${settings.signs === undefined ? '' : `trusted-ca ${JUNOS_PKI.authority};`} local-gateway ${place.address}; ${dynamic ? 'ike-access-profile road;' : ''} }
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
        ${ike(place, settings)}
    }
}
`;
}

/** Peers that call from anywhere, and what they may ask for. */
function accessProfile({ near, far }: Place, { callers = far }: GatewaySettings): string {
  return `access {
    profile road {
        client * {
            ike {
                allowed-proxy-pair local ${near} remote ${callers};
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

function ike(place: Place, settings: GatewaySettings): string {
  const { suite, mode = 'main', renew, reauthenticate, peers, respondsToBadSpi = false, signs } = settings;
  const { ike: algorithms } = suite.junos;
  return `ike {
            proposal ike-peer {
                authentication-method ${signs === undefined ? 'pre-shared-keys' : 'rsa-signatures'};
                ${statement('encryption-algorithm', algorithms?.encryption)}
                ${statement('authentication-algorithm', algorithms?.hash)}
                ${statement('dh-group', algorithms?.group)}
                ${statement('lifetime-seconds', renew?.ike ?? reauthenticate)}
            }
            policy ike-peer {
                mode ${mode};
                ${respondsToBadSpi ? 'respond-bad-spi;' : ''}
                ${peers === 'anywhere' ? 'remote-id { any-remote-id; }' : ''}
                proposals ike-peer;
                ${signs === undefined ? `pre-shared-key ascii-text "${PRE_SHARED_KEY}";` : signed(place)}
            }
        }`;
}

/** Of a policy whose both ends show certificates. */
function signed({ address }: Place): string {
  const [own, other] = address === placeOf('R2').address ? (['R2', 'R3'] as const) : (['R3', 'R2'] as const);
  return `local-certificate ${JUNOS_PKI.own}; local-id fqdn ${nameOf(own)}; remote-id fqdn ${nameOf(other)};`;
}

/** Nothing where there is no value: the default of the AS PIC. */
function statement(keyword: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${keyword} ${value};`;
}
