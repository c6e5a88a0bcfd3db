// The types, by every compiler from 5.4 on and every way to find modules.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packages } from '../release/packages.mjs';
import { npmInstall } from './npm.mjs';

const VERSIONS = ['5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '6.0', '7.0'];
const RESOLUTIONS = [
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];
/** Doors that are for Node alone: they are asked for with its types. */
const OF_NODE = ['@espalier/conformance', '@espalier/crypto/node', '@espalier/node'];

export function* compilers(project, quick) {
  const versions = quick ? [VERSIONS[0], VERSIONS.at(-1)] : VERSIONS;
  const dev = versions.map((version) => `typescript-${version}@npm:typescript@~${version}.0`);
  const fault = npmInstall(project, ['--no-save', ...dev, '@types/node@20.19.43', 'fast-check@4.10.2']);
  if (fault !== undefined) throw new Error(fault);
  const doors = packages().flatMap((one) => one.doors.map(({ specifier }) => specifier));
  const everything = doors.map((door, i) => `export * as door${i} from '${door}';`);
  mkdirSync(join(project, 'types'), { recursive: true });
  cpSync(new URL('programs/types.ts', import.meta.url), join(project, 'types/program.ts'));
  const portable = everything.filter((line) => !OF_NODE.some((door) => line.includes(`'${door}'`)));
  writeFileSync(join(project, 'types/portable.ts'), `${portable.join('\n')}\n`);
  writeFileSync(join(project, 'types/node.ts'), `${everything.join('\n')}\n`);
  for (const version of versions) {
    const faults = RESOLUTIONS.flatMap((resolution) => [
      ...faultsOf(project, version, resolution, ['types/program.ts', 'types/portable.ts'], {
        lib: ['ES2022', 'DOM'],
        types: [],
      }),
      ...faultsOf(project, version, resolution, ['types/node.ts'], {
        lib: ['ES2022', 'ESNext.Disposable'],
        types: ['node'],
      }),
    ]);
    const ways = RESOLUTIONS.map(({ moduleResolution }) => moduleResolution).join(', ');
    const what = `TypeScript ${version}, ${doors.length} doors, by ${ways}`;
    yield faults.length === 0
      ? { outcome: 'ok', what }
      : { outcome: 'FAIL', what, says: faults.slice(0, 12).join('\n        ') };
  }
}

function faultsOf(project, version, resolution, files, platform) {
  const compilerOptions = {
    ...resolution,
    ...platform,
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  };
  const config = join(project, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  const tsc = join(project, 'node_modules', `typescript-${version}`, 'bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', config], { cwd: project, encoding: 'utf8' });
  const way = `${resolution.moduleResolution} ${files[0]}`;
  return status === 0
    ? []
    : stdout
        .split('\n')
        .filter((line) => /error/.test(line))
        .map((line) => `${way}: ${line}`);
}
