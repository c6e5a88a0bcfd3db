/** What an SA of ESP can be asked for and one of AH not: who asks for it believes to have it. */
const OF_ESP = ['allowUnauthenticated', 'originalAddresses', 'trafficFlow', 'udp'];

/** @throws TypeError that names the option. */
export function requireNoEspOptions(options: object): void {
  for (const name of OF_ESP) {
    if (Reflect.get(options, name) !== undefined) throw new TypeError(`${name}: AH has no such option`);
  }
}
