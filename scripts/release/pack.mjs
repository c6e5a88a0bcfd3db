// Packs every package as it is published; gives the tarballs. By itself: node scripts/release/pack.mjs [FOLDER]
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stageAll } from './stage.mjs';

export function packAll(destination) {
  const staged = stageAll();
  mkdirSync(destination, { recursive: true });
  return staged.map(({ name, folder, manifest }) => {
    const args = ['pack', '--silent', '--pack-destination', destination];
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm pack of ${name}: ${stderr}`);
    return { name, manifest, file: join(destination, stdout.trim()) };
  });
}

if (import.meta.filename === resolve(process.argv[1] ?? '')) {
  for (const { file } of packAll(resolve(process.argv[2] ?? '.release/tarballs')))
    console.log(`${String(Math.ceil(statSync(file).size / 1024)).padStart(5)} KiB  ${file}`);
}
