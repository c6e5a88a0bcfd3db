// The API of every door, as its declarations say: packages/*/api/*.api.md, which a change of a door changes too.
// npm run api writes them; --check fails where they are stale. The models, for the documents, go to .api.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { packages, root } from '../release/packages.mjs';

/** Where models are, DOOR.api.json each. */
export const MODELS = join(root, '.api');

/** @returns what is stale or, where reports may be written, what was. */
export function extractAll({ write }) {
  rmSync(MODELS, { recursive: true, force: true });
  mkdirSync(MODELS);
  return packages().flatMap((one) => {
    const reports = join(root, one.folder, 'api');
    mkdirSync(reports, { recursive: true });
    const names = one.doors.map(({ file }) => `${file}.api.md`);
    const gone = readdirSync(reports).filter((name) => !names.includes(name));
    const stale = one.doors.filter((door) => !isKept(one, door, join(reports, `${door.file}.api.md`), write));
    if (write) for (const name of gone) rmSync(join(reports, name));
    return [...gone, ...stale.map(({ file }) => `${file}.api.md`)].map((name) => join(one.folder, 'api', name));
  });
}

/** Whether the report of a door is what it was. */
function isKept({ folder }, { file, types }, report, write) {
  extract(join(root, folder), types, file);
  const now = readFileSync(join(MODELS, `${file}.api.md`), 'utf8').replaceAll('\r\n', '\n');
  if (existsSync(report) && readFileSync(report, 'utf8') === now) return true;
  if (write) writeFileSync(report, now);
  return false;
}

function extract(folder, types, file) {
  const entry = join(folder, types);
  // Its own compiler reads what ours has written: nothing of our settings but where declarations are found.
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: [],
    strict: true,
    skipLibCheck: true,
    ...platformOf(folder),
  };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions, files: [entry] } },
      apiReport: {
        enabled: true,
        reportFolder: MODELS,
        reportTempFolder: join(MODELS, 'temp'),
        reportFileName: `${file}.api.md`,
      },
      docModel: { enabled: true, apiJsonFilePath: join(MODELS, `${file}.api.json`) },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'none' },
          'ae-forgotten-export': { logLevel: 'none', addToApiReportFile: true },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  });
  const faults = [];
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      if (message.logLevel === 'error') faults.push(message.text);
      message.handled = true;
    },
  });
  if (!succeeded) throw new Error(`${file}: ${faults.join('\n')}`);
}

/** What a package that has a platform says of it. */
function platformOf(folder) {
  const { lib, types } = JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8')).compilerOptions;
  return { ...(lib && { lib }), ...(types && { types }) };
}

if (basename(process.argv[1] ?? '') === 'extract.mjs') {
  const check = process.argv.includes('--check');
  const stale = extractAll({ write: !check });
  for (const name of stale) console.log(check ? `${name} is stale: npm run api` : `${name} is written`);
  process.exit(check && stale.length > 0 ? 1 : 0);
}
