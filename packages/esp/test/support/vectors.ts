import { readFileSync } from 'node:fs';
import type { Engine, EspTransform } from '@espalier/crypto';
import { ESP_HEADER_OCTETS } from '@espalier/wire';
import { ENGINE } from './sas.ts';

/** Reads a vector that the repository carries; the caller names the shape it expects. */
export function vectorJson<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../test/vectors/${path}`, import.meta.url), 'utf8'));
}

/** An engine whose every packet gets the IV that a vector was made with. */
export function engineWithIv(iv: Uint8Array): Engine {
  return {
    ...ENGINE,
    createEspTransform: (options) => {
      const transform = ENGINE.createEspTransform(options);
      const seal: EspTransform['seal'] = (memory, jobs) => {
        memory.set(iv, (jobs.words[0] ?? 0) + ESP_HEADER_OCTETS);
        transform.seal(memory, jobs, 'given');
      };
      return {
        suite: transform.suite,
        constantTime: transform.constantTime,
        seal,
        open: (memory, jobs) => transform.open(memory, jobs),
        wipe: () => transform.wipe(),
      };
    },
  };
}
