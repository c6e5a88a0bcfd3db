/** The S-boxes of DES (FIPS 46-3 Appendix 1): four rows of sixteen, one hexadecimal digit for each entry. */
const S: readonly string[] = [
  'e4d12fb83a6c5907' + '0f74e2d1a6cb9538' + '41e8d62bfc973a50' + 'fc8249175b3ea06d',
  'f18e6b34972dc05a' + '3d47f28ec01a69b5' + '0e7ba4d158c6932f' + 'd8a13f42b67c05e9',
  'a09e63f51dc7b428' + 'd709346a285ecbf1' + 'd6498f30b12c5ae7' + '1ad069874fe3b52c',
  '7de3069a1285bc4f' + 'd8b56f03472c1ae9' + 'a690cb7df13e5284' + '3f06a1d8945bc72e',
  '2c417ab6853fd0e9' + 'eb2c47d150fa3986' + '421bad78f9c5630e' + 'b8c71e2d6f09a453',
  'c1af92680d34e75b' + 'af427c9561de0b38' + '9ef528c3704a1db6' + '432c95fabe17608d',
  '4b2ef08d3c975a61' + 'd0b7491ae35c2f86' + '14bdc37eaf680592' + '6bd814a7950fe23c',
  'd2846fb1a93e50c7' + '1fd8a374c56b0e92' + '7b419ce206adf358' + '21e74a8dfc90356b',
];

/** The permutation P: output bit i is input bit P[i], counted from 1 at the left. */
const P: readonly number[] = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
];

/**
 * The eight S-boxes, 64 entries each, with P applied: what six bits after E become, rotated left by one as the halves
 * are.
 */
export const SP: Int32Array = Int32Array.from({ length: 8 * 64 }, (_, index) => {
  const box = index >> 6;
  const row = ((index >> 4) & 2) | (index & 1);
  const column = (index >> 1) & 15;
  const nibble = Number.parseInt(S[box]?.charAt(16 * row + column) ?? '', 16);
  const substituted = nibble << (28 - 4 * box);
  const permuted = P.reduce((bits, from, i) => bits | (((substituted >>> (32 - from)) & 1) << (31 - i)), 0);
  return (permuted << 1) | (permuted >>> 31);
});
