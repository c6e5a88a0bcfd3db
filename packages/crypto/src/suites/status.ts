/**
 * What RFC 8221 §5 and §6 ask of implementations; `unlisted` for what it does not name, which may be had. `must-minus`:
 * a MUST that is expected to become less (SHA-1).
 */
export type TransformStatus = 'must' | 'must-minus' | 'should' | 'may' | 'should-not' | 'must-not' | 'unlisted';

/** Where a transform is defined, and what is thought of it. */
export interface TransformSource {
  /** For example `RFC 3602`. */
  readonly reference: string;
  readonly status: TransformStatus;
}
