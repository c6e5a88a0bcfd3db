/** The target serves nobody who is honest, so that nothing can be learnt of it. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}
