// What V8 makes of vectors is not what the module says in two places; both are settled here, in the compiled module.
//
// Its baseline compiler, without AVX and up to Node 22, overwrites the indices of an i8x16.swizzle with the table where
// it has given the result the register of the indices: wrong octets. It does not do so when a local still holds them.
//
// Its optimising compiler, from Node 24 on, puts a constant vector together from two words of 64 bits wherever it is used,
// in each turn of a loop. What a local holds it keeps in a register, or loads.
import binaryen from 'assemblyscript/binaryen';

/**
 * The same module with the indices of every swizzle in a local, and with constants set outside of loops; and with functions
 * that are alike behind each other, which a server compresses better.
 */
export function settle(octets) {
  const module = binaryen.readBinary(octets);
  const [tree] = parse(module.emitText());
  module.dispose();
  const functions = tree.filter((part) => head(part) === 'func');
  for (const func of functions) settleFunction(func);
  const others = tree.filter((part) => head(part) !== 'func');
  const settled = binaryen.parseText(print([...others, ...alikeTogether(functions)]));
  settled.setFeatures(binaryen.Features.All);
  if (!settled.validate()) throw new Error('the settled module is not valid');
  // Locals that are used most have the shortest numbers.
  settled.runPasses(['reorder-locals']);
  const binary = settled.emitBinary();
  settled.dispose();
  return binary;
}

/** Each function is followed by the one most like it, from the largest on. */
function alikeTogether(functions) {
  const left = functions
    .map((func) => ({ func, text: print(func) }))
    .sort((a, b) => b.text.length - a.text.length)
    .map((each) => ({ ...each, phrases: phrasesOf(each.text) }));
  const ordered = left.splice(0, 1);
  while (left.length > 0) {
    const likeness = left.map((each) => likenessOf(ordered.at(-1), each));
    ordered.push(...left.splice(likeness.indexOf(Math.max(...likeness)), 1));
  }
  return ordered.map(({ func }) => func);
}

/** How often each four instructions that follow each other are met. */
function phrasesOf(text) {
  const instructions = text.match(/[a-z0-9]+\.[a-z0-9_]+/g) ?? [];
  const counts = new Map();
  for (let i = 3; i < instructions.length; i++) {
    const phrase = instructions.slice(i - 3, i + 1).join(' ');
    counts.set(phrase, (counts.get(phrase) ?? 0) + 1);
  }
  return counts;
}

function likenessOf(a, b) {
  let shared = 0;
  for (const [phrase, count] of a.phrases) shared += Math.min(count, b.phrases.get(phrase) ?? 0);
  return shared / Math.sqrt(a.text.length * b.text.length);
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
