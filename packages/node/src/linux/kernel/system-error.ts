import { getSystemErrorName } from 'node:util';

/** As Node's own functions fail: with a `code` such as EADDRINUSE. */
export function systemError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code}`), { errno: -errno, code, syscall });
}
