// Serves the files of the page on the loopback interface, and nothing else.
import { createServer } from 'node:http';

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** What the page may do: its own script, worker and style; it may connect to nothing. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A server of these files; it listens once the promise is fulfilled. */
export function serve(files, port = 0) {
  const server = createServer(({ method, url }, response) => {
    const name = new URL(url ?? '/', 'http://localhost').pathname.slice(1) || 'index.html';
    const octets = files.get(name);
    if (octets === undefined || (method !== 'GET' && method !== 'HEAD')) {
      response.writeHead(octets === undefined ? 404 : 405, { 'Content-Type': 'text/plain' }).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': TYPES[name.split('.').at(-1)],
      'Content-Length': octets.length,
      'Content-Security-Policy': POLICY,
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-cache',
    });
    response.end(method === 'HEAD' ? undefined : octets);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
