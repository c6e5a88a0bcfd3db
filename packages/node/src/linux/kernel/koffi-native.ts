import type { Block, Native, Watch } from './native.ts';
import { systemError } from './system-error.ts';
import { Watches } from './watches.ts';

/** By koffi, whose calls cost less than a microsecond beside what the kernel does. */
export function koffiNative({ default: koffi }: typeof import('koffi')): Native {
  // What Node itself is linked with: libc, and its libuv, which it exports for addons.
  const c = koffi.load(null);
  const pollCallback = koffi.pointer(koffi.proto('void EspalierPolled(uintptr_t handle, int status, int events)'));
  const closeCallback = koffi.pointer(koffi.proto('void EspalierClosed(uintptr_t handle)'));
  const watches = new Watches({
    loop: c.func('uintptr_t uv_default_loop()')(),
    handleOctets: c.func('size_t uv_handle_size(int)'),
    allocate: c.func('uintptr_t malloc(size_t)'),
    free: c.func('void free(uintptr_t)'),
    init: c.func('int uv_poll_init(uintptr_t, uintptr_t, int)'),
    start: c.func('uv_poll_start', 'int', ['uintptr_t', 'int', pollCallback]),
    close: c.func('uv_close', 'void', ['uintptr_t', closeCallback]),
    onPolled: (polled) => koffi.register(polled, pollCallback),
    onClosed: (closed) => koffi.register(closed, closeCallback),
  });
  const addressOf = (octets: Uint8Array): number => Number(koffi.address(octets));
  return {
    socket: c.func('int socket(int, int, int)'),
    bind: c.func('int bind(int, void *, unsigned int)'),
    getsockname: c.func('int getsockname(int, void *, void *)'),
    setsockopt: c.func('int setsockopt(int, int, int, void *, unsigned int)'),
    sendmmsg: c.func('int sendmmsg(int, uintptr_t, unsigned int, int)'),
    recvmmsg: c.func('int recvmmsg(int, uintptr_t, unsigned int, int, uintptr_t)'),
    poll: c.func('int poll(void *, unsigned long, int)'),
    open: c.func('int open(const char *, int)'),
    ioctl: c.func('int ioctl(int, unsigned long, void *)'),
    ioctlNumber: c.func('int ioctl(int, unsigned long, unsigned long)'),
    read: c.func('long read(int, uintptr_t, size_t)'),
    writev: c.func('long writev(int, uintptr_t, int)'),
    close: c.func('int close(int)'),
    errno: () => koffi.errno(),
    addressOf,
    allocate(octets): Block {
      const buffer = new ArrayBuffer(octets);
      const all = new Uint8Array(buffer);
      const halves = new Uint16Array(buffer);
      return { octets: all, halves, words: new Uint32Array(buffer), address: addressOf(all) };
    },
    watch(fd, ready): Watch {
      const watch = watches.add(fd, ready);
      if (typeof watch === 'number') throw systemError('uv_poll', watch);
      return watch;
    },
  };
}
