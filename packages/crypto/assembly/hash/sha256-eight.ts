// The SHA-256 compression function (FIPS 180-4 §6.2.2) of eight messages: two times four, a step of the one in the time in
// which the next step of the other waits for its input. It pays with the schedule in a loop of its own only, which leaves
// more of them in registers.

import { add32 } from '../vectors/vectors';
import { STATE, W } from './hash-state';
import { expand4, first4, K, second4 } from './sha256';

/** One block of eight messages, loaded into W: state word i of message l is word 8 * i + l of STATE. */
export function sha256Eight(): void {
  for (let w = W + 512; w < W + 2048; w += 16) {
    v128.store(w, expand4(v128.load(w - 512), v128.load(w - 480), v128.load(w - 224), v128.load(w - 64)));
  }
  let a = v128.load(STATE, 0);
  let a2 = v128.load(STATE, 16);
  let b = v128.load(STATE, 32);
  let b2 = v128.load(STATE, 48);
  let c = v128.load(STATE, 64);
  let c2 = v128.load(STATE, 80);
  let d = v128.load(STATE, 96);
  let d2 = v128.load(STATE, 112);
  let e = v128.load(STATE, 128);
  let e2 = v128.load(STATE, 144);
  let f = v128.load(STATE, 160);
  let f2 = v128.load(STATE, 176);
  let g = v128.load(STATE, 192);
  let g2 = v128.load(STATE, 208);
  let h = v128.load(STATE, 224);
  let h2 = v128.load(STATE, 240);
  let t: v128;
  let x: v128;
  let x2: v128;
  let y = v128.xor(b, c);
  let y2 = v128.xor(b2, c2);
  let w = W;
  for (let k = K; k < K + 256; k += 32, w += 256) {
    t = first4(e, f, g, h, k, 0, v128.load(w, 0));
    d = add32(d, t);
    x = v128.xor(a, b);
    h = add32(t, second4(a, b, x, y));
    t = first4(e2, f2, g2, h2, k, 0, v128.load(w, 16));
    d2 = add32(d2, t);
    x2 = v128.xor(a2, b2);
    h2 = add32(t, second4(a2, b2, x2, y2));
    t = first4(d, e, f, g, k, 1, v128.load(w, 32));
    c = add32(c, t);
    y = v128.xor(h, a);
    g = add32(t, second4(h, a, y, x));
    t = first4(d2, e2, f2, g2, k, 1, v128.load(w, 48));
    c2 = add32(c2, t);
    y2 = v128.xor(h2, a2);
    g2 = add32(t, second4(h2, a2, y2, x2));
    t = first4(c, d, e, f, k, 2, v128.load(w, 64));
    b = add32(b, t);
    x = v128.xor(g, h);
    f = add32(t, second4(g, h, x, y));
    t = first4(c2, d2, e2, f2, k, 2, v128.load(w, 80));
    b2 = add32(b2, t);
    x2 = v128.xor(g2, h2);
    f2 = add32(t, second4(g2, h2, x2, y2));
    t = first4(b, c, d, e, k, 3, v128.load(w, 96));
    a = add32(a, t);
    y = v128.xor(f, g);
    e = add32(t, second4(f, g, y, x));
    t = first4(b2, c2, d2, e2, k, 3, v128.load(w, 112));
    a2 = add32(a2, t);
    y2 = v128.xor(f2, g2);
    e2 = add32(t, second4(f2, g2, y2, x2));
    t = first4(a, b, c, d, k, 4, v128.load(w, 128));
    h = add32(h, t);
    x = v128.xor(e, f);
    d = add32(t, second4(e, f, x, y));
    t = first4(a2, b2, c2, d2, k, 4, v128.load(w, 144));
    h2 = add32(h2, t);
    x2 = v128.xor(e2, f2);
    d2 = add32(t, second4(e2, f2, x2, y2));
    t = first4(h, a, b, c, k, 5, v128.load(w, 160));
    g = add32(g, t);
    y = v128.xor(d, e);
    c = add32(t, second4(d, e, y, x));
    t = first4(h2, a2, b2, c2, k, 5, v128.load(w, 176));
    g2 = add32(g2, t);
    y2 = v128.xor(d2, e2);
    c2 = add32(t, second4(d2, e2, y2, x2));
    t = first4(g, h, a, b, k, 6, v128.load(w, 192));
    f = add32(f, t);
    x = v128.xor(c, d);
    b = add32(t, second4(c, d, x, y));
    t = first4(g2, h2, a2, b2, k, 6, v128.load(w, 208));
    f2 = add32(f2, t);
    x2 = v128.xor(c2, d2);
    b2 = add32(t, second4(c2, d2, x2, y2));
    t = first4(f, g, h, a, k, 7, v128.load(w, 224));
    e = add32(e, t);
    y = v128.xor(b, c);
    a = add32(t, second4(b, c, y, x));
    t = first4(f2, g2, h2, a2, k, 7, v128.load(w, 240));
    e2 = add32(e2, t);
    y2 = v128.xor(b2, c2);
    a2 = add32(t, second4(b2, c2, y2, x2));
  }
  v128.store(STATE, add32(v128.load(STATE, 0), a), 0);
  v128.store(STATE, add32(v128.load(STATE, 16), a2), 16);
  v128.store(STATE, add32(v128.load(STATE, 32), b), 32);
  v128.store(STATE, add32(v128.load(STATE, 48), b2), 48);
  v128.store(STATE, add32(v128.load(STATE, 64), c), 64);
  v128.store(STATE, add32(v128.load(STATE, 80), c2), 80);
  v128.store(STATE, add32(v128.load(STATE, 96), d), 96);
  v128.store(STATE, add32(v128.load(STATE, 112), d2), 112);
  v128.store(STATE, add32(v128.load(STATE, 128), e), 128);
  v128.store(STATE, add32(v128.load(STATE, 144), e2), 144);
  v128.store(STATE, add32(v128.load(STATE, 160), f), 160);
  v128.store(STATE, add32(v128.load(STATE, 176), f2), 176);
  v128.store(STATE, add32(v128.load(STATE, 192), g), 192);
  v128.store(STATE, add32(v128.load(STATE, 208), g2), 208);
  v128.store(STATE, add32(v128.load(STATE, 224), h), 224);
  v128.store(STATE, add32(v128.load(STATE, 240), h2), 240);
}
