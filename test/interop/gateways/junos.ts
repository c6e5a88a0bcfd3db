import type { Place } from '../machine/network.ts';
import { type GatewaySettings, PRE_SHARED_KEY } from './gateway.ts';

/** The configuration of the seed's Router 2 or 3 with the algorithms, selectors and lifetimes of a case. */
export function junosText(place: Place, settings: GatewaySettings): string {
  const { ike, ipsec } = settings.suite.junos;
  const { renew } = settings;
  const ikeProposal = ike && [
    'authentication-method pre-shared-keys;',
    `authentication-algorithm ${ike.hash};`,
    `encryption-algorithm ${ike.encryption};`,
    `dh-group ${ike.group};`,
    ...(renew ? [`lifetime-seconds ${renew.ike};`] : []),
  ];
  const ipsecProposal = ipsec && [
    'protocol esp;',
    ...(ipsec.authentication === undefined ? [] : [`authentication-algorithm ${ipsec.authentication};`]),
    `encryption-algorithm ${ipsec.encryption};`,
    ...(renew ? [`lifetime-seconds ${renew.child};`] : []),
  ];
  const from = [`source-address ${place.near};`, `destination-address ${place.far};`];
  const dynamic = ['ike-policy ike-peer;', ...(ipsecProposal ? ['ipsec-policy tunnel;'] : [])];

  return lines(
    block('interfaces', [
      ...interfaceOf('so-0/0/1', place.address, 30),
      ...block('sp-1/2/0', [
        ...block('unit 1', ['family inet;', 'service-domain inside;']),
        ...block('unit 2', ['family inet;', 'service-domain outside;']),
      ]),
    ]),
    block('services', [
      ...block('service-set interop', [
        ...block('next-hop-service', ['inside-service-interface sp-1/2/0.1;', 'outside-service-interface sp-1/2/0.2;']),
        ...block('ipsec-vpn-options', [`local-gateway ${place.address};`]),
        'ipsec-vpn-rules rule-interop;',
      ]),
      ...block('ipsec-vpn', [
        ...block('rule rule-interop', [
          ...block('term term-interop', [
            ...(settings.selectors === 'any' ? [] : block('from', from)),
            ...block('then', [
              `remote-gateway ${place.peerAddress};`,
              ...block('dynamic', dynamic),
              ...(settings.dpd === undefined ? [] : ['initiate-dead-peer-detection;']),
            ]),
          ]),
          'match-direction input;',
        ]),
        ...(ipsecProposal
          ? block('ipsec', [
              ...block('proposal tunnel', ipsecProposal),
              ...block('policy tunnel', [
                ...(ipsec?.pfs ? block('perfect-forward-secrecy', [`keys ${ipsec.pfs};`]) : []),
                'proposals tunnel;',
              ]),
            ])
          : []),
        ...block('ike', [
          ...(ikeProposal ? block('proposal ike-peer', ikeProposal) : []),
          ...block('policy ike-peer', [
            'mode main;',
            ...(ikeProposal ? ['proposals ike-peer;'] : []),
            `pre-shared-key ascii-text "${PRE_SHARED_KEY}";`,
          ]),
        ]),
      ]),
    ]),
  );
}

function interfaceOf(name: string, address: string, prefixLength: number): string[] {
  return block(name, block('unit 0', block('family inet', [`address ${address}/${prefixLength};`])));
}

function block(name: string, statements: readonly string[]): string[] {
  return [`${name} {`, ...statements.map((statement) => `    ${statement}`), '}'];
}

function lines(...blocks: readonly (readonly string[])[]): string {
  return `${blocks.flat().join('\n')}\n`;
}
