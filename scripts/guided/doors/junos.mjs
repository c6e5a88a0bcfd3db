// The text of a configuration.
import { readFileSync } from 'node:fs';

const EXAMPLES = new URL('../../../examples/configs/', import.meta.url);
const CONFIGURATIONS = [
  'R2.conf',
  'R3.conf',
  'R4.conf',
  'digital-certificates/R2.conf',
  'dynamic-endpoints/warrior.conf',
];

export function junosDoors({ junos }) {
  const door = {
    name: 'junos configuration',
    seeds: () => CONFIGURATIONS.map((file) => new Uint8Array(readFileSync(new URL(file, EXAMPLES)))),
    isText: true,
    run(octets) {
      try {
        junos.readJunos(new TextDecoder().decode(octets));
        return true;
      } catch (error) {
        if (error instanceof junos.JunosError) return false;
        throw error;
      }
    },
  };
  return [door];
}
