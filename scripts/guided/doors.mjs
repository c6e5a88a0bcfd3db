// Every door that parses, as one function each: octets in, whether they were taken out; what it throws is a fault.
import { endpointDoors } from './doors/endpoints.mjs';
import { espDoors } from './doors/esp.mjs';
import { junosDoors } from './doors/junos.mjs';
import { pkiDoors } from './doors/pki.mjs';
import { wireDoors } from './doors/wire.mjs';

/**
 * @param modules Built, or as source: wire, crypto, esp, ipcomp, junos, pki, issue, arbitraries, certificates, packets, sessions;
 * and `sample`, of fast-check.
 */
export function doorsOf(modules) {
  const kinds = [wireDoors, espDoors, pkiDoors, junosDoors, endpointDoors];
  return kinds.flatMap((doors) => doors(modules));
}
