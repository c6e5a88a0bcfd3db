// What V8 makes of vectors is not what the module says in two places; both are settled here, in the compiled module.
//
// Its baseline compiler, without AVX and up to Node 22, overwrites the indices of an i8x16.swizzle with the table where
// it has given the result the register of the indices: wrong octets. It does not do so when a local still holds them.
//
// Its optimising compiler, from Node 24 on, puts a constant vector together from two words of 64 bits wherever it is used,
// in each turn of a loop. What a local holds it keeps in a register, or loads.
import binaryen from 'assemblyscript/binaryen';

/** The same module with the indices of every swizzle in a local, and with constants set outside of loops. */
export function settle(octets) {
  const module = binaryen.readBinary(octets);
  const [tree] = parse(module.emitText());
  module.dispose();
  for (const part of tree) if (head(part) === 'func') settleFunction(part);
  const settled = binaryen.parseText(print(tree));
  settled.setFeatures(binaryen.Features.All);
  if (!settled.validate()) throw new Error('the settled module is not valid');
  // Locals and functions that are used most have the shortest numbers.
  settled.runPasses(['reorder-locals', 'reorder-functions']);
  const binary = settled.emitBinary();
  settled.dispose();
  return binary;
}

function settleFunction(func) {
  const constants = new Map();
  const hold = (node, isInLoop) => {
    const name = head(node);
    if (name === 'v128.const' && isInLoop && !isPlain(node)) {
      const text = print(node);
      if (!constants.has(text)) constants.set(text, `$constant${constants.size}`);
      return ['local.get', constants.get(text)];
    }
    if (!Array.isArray(node)) return node;
    const held = node.map((child) => hold(child, isInLoop || name === 'loop'));
    const isSwizzle = name === 'i8x16.swizzle' || name === 'i8x16.relaxed_swizzle';
    if (isSwizzle) held[2] = ['local.tee', '$indices', held[2]];
    return held;
  };
  const start = func.findIndex((part, i) => i > 1 && !['param', 'result', 'local', 'type'].includes(head(part)));
  if (start < 0) return;
  const body = func.slice(start).map((node) => hold(node, false));
  const locals = [...constants.values(), '$indices'].map((name) => ['local', name, 'v128']);
  const sets = [...constants].map(([text, name]) => ['local.set', name, ...parse(text)]);
  func.splice(start, func.length - start, ...locals, ...sets, ...body);
}

/** Whether it is zeros, which take one instruction anywhere. */
function isPlain(constant) {
  return constant.slice(2).every((word) => Number(word) === 0);
}

function head(node) {
  return Array.isArray(node) ? node[0] : undefined;
}

/** The lists that a text in S-expressions holds. */
function parse(text) {
  const stack = [[]];
  for (const [token] of text.matchAll(/\(;.*?;\)|;;[^\n]*|"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/gs)) {
    if (token.startsWith(';;') || token.startsWith('(;')) continue;
    if (token === '(') stack.push([]);
    else if (token === ')') {
      const list = stack.pop();
      stack.at(-1).push(list);
    } else stack.at(-1).push(token);
  }
  return stack[0];
}

function print(node) {
  return Array.isArray(node) ? `(${node.map(print).join(' ')})` : node;
}
