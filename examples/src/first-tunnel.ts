import { readFileSync } from 'node:fs';
import { autoEngine } from '@espalier/crypto/node';
import { Gateway } from '@espalier/gateway';
import { readJunos } from '@espalier/junos';
import { systemRng, UdpDriver } from '@espalier/node';

const [, , file = '', address = ''] = process.argv; // as in: node examples/dist/first-tunnel.js left.conf 192.0.2.1
const config = { ...readJunos(readFileSync(file, 'utf8')).configuration.gateway, establish: 'immediately' } as const;
const gateway = new Gateway({ config, engine: autoEngine().engine, rng: systemRng(), outside: 'udp' });
const driver = await UdpDriver.open(gateway, { addresses: [address], onEvent: (event) => console.log(event.kind) });
process.once('SIGINT', () => driver.close());
