import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFile, sharedUrl } from '../../../test/shared.ts';
import { JunosError, readJunos } from '../src/index.ts';

/** What a text of people is refused with; every other one is read. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'apply-groups-inside.conf': /display inheritance/,
  'srx.conf': /SRX/,
  'instance.conf': /not supported yet: routing instances/,
};

const folder = 'faults/cases';
const texts = hasShared
  ? readdirSync(sharedUrl(folder))
      .filter((name) => /^4\d-/.test(name))
      .flatMap((name) =>
        readdirSync(sharedUrl(`${folder}/${name}`)).flatMap((file) =>
          file.endsWith('.conf') ? [[file, `${folder}/${name}/${file}`] as const] : [],
        ),
      )
  : [];

describe.runIf(hasShared)('a configuration as people paste it', () => {
  it.each(texts)('is read, or refused by name: %s', (file, path) => {
    const text = new TextDecoder().decode(sharedFile(path));
    const refused = REFUSED[file];
    if (refused !== undefined) {
      expect(() => readJunos(text)).toThrow(JunosError);
      expect(() => readJunos(text)).toThrow(refused);
      return;
    }
    const { configuration } = readJunos(text);
    expect(configuration.serviceSets.map(({ name }) => name)).toEqual(['vpn-west']);
    expect(configuration.gateway.peers).toMatchObject([{ local: '192.0.2.1', remote: '192.0.2.2' }]);
  });
});
