import { randomFillSync } from 'node:crypto';
import { nobleEngine } from '@espalier/crypto';
import { Gateway } from '@espalier/gateway';
import { formatIpsecStatistics, JunosError, readJunos, Show } from '@espalier/junos';

const text = `
version 12.3R6.6;
interfaces {
    ge-0/0/0 { mtu 1600; unit 0 { family inet { address 192.0.2.1/24; } } }
    sp-1/2/0 {
        unit 1 { family inet; service-domain inside; }
        unit 2 { family inet; service-domain outside; }
    }
}
services {
    service-set vpn-west {
        next-hop-service { inside-service-interface sp-1/2/0.1; outside-service-interface sp-1/2/0.2; }
        ipsec-vpn-options { local-gateway 192.0.2.1; }
        ipsec-vpn-rules to-west;
    }
}
set services ipsec-vpn rule to-west match-direction input
set services ipsec-vpn rule to-west term 1 from source-address 10.1.0.0/16
set services ipsec-vpn rule to-west term 1 then remote-gateway 198.51.100.1
set services ipsec-vpn rule to-west term 1 then dynamic ike-policy psk
set services ipsec-vpn ike policy psk pre-shared-key ascii-text "$9$LbHX-wg4Z" ## SECRET-DATA
`;

const { configuration, notices } = readJunos(text);
for (const { line, column, text: what } of notices) console.log(`line ${line}, column ${column}: ${what}`);

const gateway = new Gateway({
  config: configuration.gateway,
  engine: nobleEngine(),
  rng: { fill: randomFillSync },
  allowLegacy: configuration.allowLegacy,
});
const show = new Show(gateway, configuration);
console.log(formatIpsecStatistics(show.ipsecStatistics()));

try {
  readJunos(text.replace('match-direction input', 'match-direction inputs'));
} catch (error) {
  if (!(error instanceof JunosError)) throw error;
  console.log(error.message);
}
