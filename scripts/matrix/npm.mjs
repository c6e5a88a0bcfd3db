import { spawnSync } from 'node:child_process';

/** Installs into a project. Gives what npm says where it cannot. */
export function npmInstall(project, wanted = []) {
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', ...wanted];
  const { status, stderr } = spawnSync('npm', args, { cwd: project, encoding: 'utf8' });
  return status === 0 ? undefined : stderr;
}
